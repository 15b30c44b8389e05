// Parses workflow commands as the runner does, and lets @actions/core write each one anew: a line
// that it would have written differently is quoted wrongly. Prints the titles as JSON.
const core = require('@actions/core')

const undo = {'%25': '%', '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ','}
const unquote = text => text.replace(/%(25|0D|0A|3A|2C)/g, code => undo[code])

let written = ''
const write = process.stdout.write.bind(process.stdout)
process.stdout.write = text => (written += text, true)

const lines = require('fs').readFileSync(0, 'utf8').split('\n')
const ended = lines.pop() === ''
const commands = lines.map(line => {
  const found = /^::(error|warning|notice) title=([^:,]*)::(.*)$/.exec(line)
  if (!found) throw new Error('no command: ' + line)
  const [, name, title, message] = found
  written = ''
  core[name](unquote(message), {title: unquote(title)})
  if (written !== line + '\n') throw new Error(line + '\nshould be\n' + written)
  return [name, unquote(title)]
})
if (!ended) throw new Error('the last line does not end')
write(JSON.stringify(commands))
