'use strict';
// A small shop API: counts visits in a file below DATA_DIR, and prepares a receipt in a temporary
// file. Those two folders are all that it ever writes.
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const dataDir = process.env.DATA_DIR || '/app/data';
const port = Number(process.env.PORT || 3000);

function countVisit() {
  const file = path.join(dataDir, 'visits');
  const visits = (fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0) + 1;
  fs.writeFileSync(file, String(visits));
  return visits;
}

function receipt(visits) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'receipt-'));
  const file = path.join(folder, 'receipt.txt');
  try {
    fs.writeFileSync(file, `visit ${visits}\n`);
    return fs.readFileSync(file, 'utf8');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function answer(request, response) {
  if (request.url === '/healthz') {
    response.end('ok\n');
    return;
  }
  try {
    response.end(receipt(countVisit()));
  } catch (error) {
    response.statusCode = 500;
    response.end(`${error.message}\n`);
  }
}

const server = http.createServer(answer);

if (require.main === module) {
  server.listen(port, '0.0.0.0', () => console.log(`listening on ${port}`));
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
}

module.exports = { server };
