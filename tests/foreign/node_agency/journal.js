// An append-only file of JSON lines, each on the disk before anybody is answered. A torn last line was never answered.
'use strict';
const { existsSync, readFileSync, openSync, truncateSync, writeSync, fsyncSync } = require('fs');

const REVIVE = (_, value) => (value && value.$bytes !== undefined ? Buffer.from(value.$bytes, 'base64') : value);
const asText = (entry) => JSON.stringify(entry, function write(name, value) {
  return Buffer.isBuffer(this[name]) ? { $bytes: this[name].toString('base64') } : value;
});

function openJournal(file, replay) {
  const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const whole = content.lastIndexOf(10) + 1;
  for (const line of content.subarray(0, whole).toString('utf8').split('\n')) if (line) replay(JSON.parse(line, REVIVE));
  if (whole < content.length) truncateSync(file, whole);
  const descriptor = openSync(file, 'a');
  return (entry) => {
    writeSync(descriptor, asText(entry) + '\n');
    fsyncSync(descriptor);
  };
}

module.exports = { openJournal };
