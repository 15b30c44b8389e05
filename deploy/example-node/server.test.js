'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

process.env.DATA_DIR = fs.mkdtempSync(path.join(os.tmpdir(), 'shop-'));
const { server } = require('./server.js');

test('each visit gets a receipt with the next number', async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  assert.strictEqual(await (await fetch(`${url}/healthz`)).text(), 'ok\n');
  assert.strictEqual(await (await fetch(url)).text(), 'visit 1\n');
  assert.strictEqual(await (await fetch(url)).text(), 'visit 2\n');
  server.close();
  server.closeAllConnections();
});
