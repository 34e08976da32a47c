// The contract from its .proto files, and mutual TLS that holds the other side to its name.
'use strict';
const { readFileSync } = require('fs');
const { parseArgs } = require('util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const FILES = ['clearance/district/v1/district_service.proto', 'clearance/gateway/v1/transit_service.proto'];

// --name value for each of these names; `include` may stand more than once.
function readOptions(...names) {
  const single = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  return parseArgs({ options: { include: { type: 'string', multiple: true }, ...single } }).values;
}

function loadContract(folders) {
  const includeDirs = [...folders, __dirname];
  const types = loader.loadSync(FILES, { includeDirs, keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true });
  return { types, clearance: grpc.loadPackageDefinition(types).clearance };
}

const uriNames = (certificate) => (certificate?.subjectaltname || '').split(', ').filter((name) => name.startsWith('URI:'));
const isNamed = (certificate, identity) => uriNames(certificate).join() === `URI:${identity}`;

// Credentials of `stem`.pem and .key for calls to `identity`, for whom this authority vouches.
function towards(identity, ca, stem) {
  const files = [ca, `${stem}.key`, `${stem}.pem`].map((file) => readFileSync(file));
  const checkServerIdentity = (host, certificate) => (isNamed(certificate, identity) ? undefined : new Error(`${host} is not ${identity}`));
  return grpc.credentials.createSsl(...files, { checkServerIdentity });
}

const CALL_MILLISECONDS = 10000;

// A unary call as a promise.
const ask = (client, method, request) => new Promise((resolve, reject) => {
  const deadline = Date.now() + CALL_MILLISECONDS;
  client[method](request, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
});

const now = () => ({ seconds: Math.floor(Date.now() / 1000), nanos: 0 });
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

module.exports = { ask, isNamed, loadContract, now, readOptions, tell, towards };
