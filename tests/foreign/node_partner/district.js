// Hangzhou, a district that somebody else wrote: what a partner's gateway must do for goods in transit, and no more.
//
// node district.js --include PROTOS … --listen 127.0.0.1:PORT --own STEM --partner-ca FILE --partner HOST:PORT
//
// Goods that Ningbo announces arrive at once and are found as declared. Prints what happens as JSON Lines.
'use strict';
const { createHash } = require('crypto');
const { readFileSync } = require('fs');
const grpc = require('@grpc/grpc-js');
const { ask, isNamed, loadContract, now, readOptions, tell, towards } = require('./contract');

const options = readOptions('listen', 'own', 'partner-ca', 'partner');
const { types, clearance } = loadContract(options.include);
const NINGBO = 'spiffe://ningbo.clearance/gateway';
const { DistrictService } = clearance.district.v1;
const ningbo = new DistrictService(options.partner, towards(NINGBO, options['partner-ca'], options.own));
const declarationOf = (bytes) => types['clearance.district.v1.TransitDeclaration'].deserialize(bytes);

const movements = new Map(); // MRN -> { heard, said, office }: how far each side has come

const advice = (movement) => ({ arrival_advice: { office_code: movement.office, arrival_time: now(), seal_state: 'SEAL_STATE_INTACT' } });
const results = () => ({ control_results: { remarks: { conform: true, seal_state: 'SEAL_STATE_INTACT', unload_time: now() } } });

// Says something to Ningbo: under the next number, or again under one that was used.
async function say(mrn, content, sequence = movements.get(mrn).said + 1) {
  const movement = movements.get(mrn);
  movement.said = Math.max(movement.said, sequence);
  const message = { mrn, sequence, traceparent: movement.traceparent, create_time: now(), ...content };
  const { receipts: [receipt] } = await ask(ningbo, 'DeliverMovements', { messages: [message] });
  tell({ said: Object.keys(content)[0], sequence, ...receipt });
}

async function receive(mrn) {
  const movement = movements.get(mrn);
  await say(mrn, advice(movement));
  await say(mrn, advice(movement), movement.said); // as if the answer had been lost
  await say(mrn, results());
}

// What each kind of message means here; others are taken note of.
const MEANINGS = {
  anticipated_arrival(mrn, { record }) {
    const digest = createHash('sha256').update(record.declaration).digest();
    if (!digest.equals(record.declaration_digest)) throw new Error('another declaration than was announced');
    const { lrn, holder, items } = declarationOf(record.declaration);
    tell({ announced: mrn, lrn, holder: holder.identifier, goods: items.map((item) => item.commodity_code), seals: record.departure.seal_numbers });
    movements.get(mrn).office = record.destination_office_code;
    receive(mrn).catch(dieOf);
  },
  discharge(mrn) {
    tell({ discharged: mrn });
    say(mrn, advice(movements.get(mrn))).catch(dieOf); // too late for that
  },
};

// Each message once and in its order, however often it comes.
function hear({ mrn, sequence, traceparent, content, ...message }) {
  if (!movements.has(mrn)) movements.set(mrn, { heard: 0, said: 0, traceparent });
  const movement = movements.get(mrn);
  if (sequence > movement.heard + 1) return { outcome: 'OUTCOME_EARLY', next_sequence: movement.heard + 1 };
  if (sequence === movement.heard + 1) {
    movement.heard = sequence;
    MEANINGS[content]?.(mrn, message[content]);
  }
  return { outcome: 'OUTCOME_APPLIED', next_sequence: movement.heard + 1 };
}

const handlers = {
  DescribeDistrict: () => ({ district: 'hangzhou', customs_district_code: '2900', contract_versions: [2], gateway_version: 'node' }),
  TellUnavailability: ({ revision }) => ({ revision }),
  DeliverMovements: ({ messages }) => ({ receipts: messages.map(hear) }),
};

function dieOf(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(70);
}

const guarded = (handler) => (call, callback) => {
  if (!isNamed(call.getAuthContext()?.sslPeerCertificate, NINGBO)) return callback({ code: grpc.status.PERMISSION_DENIED });
  try {
    return callback(null, handler(call.request));
  } catch (error) {
    return dieOf(error);
  }
};

const server = new grpc.Server();
server.addService(DistrictService.service, Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, guarded(handler)])));
const pair = { cert_chain: readFileSync(`${options.own}.pem`), private_key: readFileSync(`${options.own}.key`) };
server.bindAsync(options.listen, grpc.ServerCredentials.createSsl(readFileSync(options['partner-ca']), [pair], true), (error, port) => {
  if (error) dieOf(error);
  tell({ listening: port });
});
