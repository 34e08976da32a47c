// The contract as a descriptor set: messages to and from bytes, the service, and refusals as google.rpc.Status.
'use strict';
const { readFileSync } = require('fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

// reason of clearance.common.v1.Refusal -> its gRPC code
const CODES = {
  CALLER_NOT_LISTED: grpc.status.PERMISSION_DENIED,
  DEADLINE_MISSING: grpc.status.INVALID_ARGUMENT,
  FORM_INVALID: grpc.status.INVALID_ARGUMENT,
  MALFORMED: grpc.status.INVALID_ARGUMENT,
  REQUEST_ID_REUSED: grpc.status.ALREADY_EXISTS,
  NOT_FOUND: grpc.status.NOT_FOUND,
  STALE_VERSION: grpc.status.FAILED_PRECONDITION,
  DIGEST_MISMATCH: grpc.status.FAILED_PRECONDITION,
  WITHDRAWN: grpc.status.FAILED_PRECONDITION,
};

// A map field is on the wire a list of entries, and that is how protobufjs takes it from a descriptor set.
const entries = (map) => Object.entries(map).map(([key, value]) => ({ key, value }));

class Refusal extends Error {
  constructor(reason, metadata = {}) {
    super(reason);
    this.reason = reason;
    this.metadata = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, String(value)]));
  }
}

function loadContract(file) {
  const options = { keepCase: true, longs: Number, defaults: true, oneofs: true };
  const types = loader.loadFileDescriptorSetFromBuffer(readFileSync(file), options);
  const encode = (name, value) => Buffer.from(types[name].serialize(value));
  const decode = (name, bytes) => types[name].deserialize(bytes);

  function statusOf(refusal) {
    const info = encode('google.rpc.ErrorInfo', { reason: refusal.reason, domain: 'clearance', metadata: entries(refusal.metadata) });
    const details = [{ type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value: info }];
    return { code: CODES[refusal.reason], message: refusal.reason, details };
  }

  // The refusal of a whole call, as grpc-js wants it.
  function failureOf(refusal) {
    const metadata = new grpc.Metadata();
    metadata.set('grpc-status-details-bin', encode('google.rpc.Status', statusOf(refusal)));
    return { code: CODES[refusal.reason], details: refusal.reason, metadata };
  }

  return { service: types['clearance.agency.v1.AgencyService'], encode, decode, statusOf, failureOf };
}

module.exports = { Refusal, entries, loadContract };
