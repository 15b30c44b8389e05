// Says of each Kubernetes object that comes in as JSON what is wrong with it: by the schemas, which let
// a misspelt field pass, and by the types, which know every field. Prints a list of texts, each "" when
// nothing is wrong.
const fs = require('fs')
const path = require('path')
const ts = require('typescript')

const objects = JSON.parse(fs.readFileSync(0, 'utf8'))

// v1 and batch/v1 are of Kubernetes, other groups of whoever defines them.
const moduleOf = ({apiVersion, kind}) => {
  const owner = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'
  return `${owner}/${apiVersion}/${kind}`
}

const bySchema = object => {
  try {
    const kinds = require(moduleOf(object))
    new kinds[object.kind](object).validate()
    return ''
  } catch (error) {
    return error.message
  }
}

// The compiler sees each object as a literal of its type, in a file of its own.
const byTypes = () => {
  const files = objects.map((object, i) => {
    const file = path.resolve(`manifest-${i}.ts`)
    fs.writeFileSync(file, `import {I${object.kind}} from '${moduleOf(object)}'\n` +
      `export const object: I${object.kind} = ${JSON.stringify(object, null, 1)}\n`)
    return file
  })
  const program = ts.createProgram(files, {noEmit: true, strict: true, skipLibCheck: true, types: [],
    module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10})
  const problems = ts.getPreEmitDiagnostics(program)
  return files.map(file => problems
    .filter(problem => !problem.file || path.resolve(problem.file.fileName) === file)
    .map(problem => ts.flattenDiagnosticMessageText(problem.messageText, '\n')).join('\n'))
}

const typed = byTypes()
process.stdout.write(JSON.stringify(objects.map((object, i) =>
  [bySchema(object), typed[i]].filter(Boolean).join('\n'))))
