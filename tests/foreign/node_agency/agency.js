// An agency that knows the contract and nothing else of the house: clearance.agency.v1.AgencyService on stock gRPC.
//
// node agency.js --descriptors FILE --state FILE --agency port --district ningbo --listen 127.0.0.1:0
//                --ca FILE --cert FILE --key FILE --signing-cert FILE --signing-key FILE
//                [--weigh-above KG] [--weigh-ms MILLISECONDS]
'use strict';
const { readFileSync } = require('fs');
const { parseArgs } = require('util');
const grpc = require('@grpc/grpc-js');
const { EMPTY_HEAD, entryOf, leafOf, pathOf, rootOf, sha256, signer } = require('./evidence');
const { Refusal, entries, loadContract } = require('./contract');
const { openJournal } = require('./journal');
const { RULES, VERDICT, decide } = require('./rules');

const names = [
  'descriptors', 'state', 'agency', 'district', 'listen', 'ca', 'cert', 'key', 'signing-cert', 'signing-key', 'weigh-above', 'weigh-ms',
];
const { values: options } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
const weighAbove = Number(options['weigh-above'] || 20000);
const weighMilliseconds = Number(options['weigh-ms'] || 300);
const contract = loadContract(options.descriptors);
const signing = signer(readFileSync(options['signing-cert']), readFileSync(options['signing-key']));
const GATEWAY = `URI:spiffe://${options.district}.clearance/gateway`;
const LOG = `${options.agency}/node-1`;
const RULE_SET_VERSION = 'node-1';

// What is known, rebuilt from the journal at start.
const cases = new Map(); // clearance number -> { version, revision, digests, decisions, facts, withdrawal, order }
const requests = new Map(); // request id -> digest of its content
const log = []; // SignedDecision messages, in the order of their sequence
let head = EMPTY_HEAD;
const followers = new Set(); // called when the log has grown

const timestamp = (milliseconds) => ({ seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1e6 });

function caseOf(number) {
  if (!cases.has(number)) cases.set(number, { version: 0, revision: 0, digests: {}, decisions: {}, order: 0 });
  return cases.get(number);
}

// Takes one journal entry into what is known; the same for a fresh entry and for one read at start.
function apply(entry) {
  if (entry.withdrawal) caseOf(entry.withdrawal.clearance_number).withdrawal = entry.withdrawal;
  if (entry.outcome) caseOf(entry.outcome.clearance_number).order = entry.outcome.order_number;
  for (const made of entry.batch || []) {
    const known = caseOf(made.number);
    Object.assign(known, { version: made.version, revision: made.revision, facts: made.facts });
    known.digests[made.version] = made.digest.toString('hex');
    known.decisions[made.version] = [...(known.decisions[made.version] || []), made];
    if (made.request_id) requests.set(made.request_id, made.content);
    log.push(made.signed);
    head = entryOf(head, leafOf(made.signed.decision));
    if (made.verdict === VERDICT.PENDING) setTimeout(weigh, weighMilliseconds, made.number, made.version);
  }
}

const write = openJournal(options.state, apply);

function record(entry) {
  write(entry);
  apply(entry);
  for (const wake of followers) wake();
}

// Makes decisions of drafts { number, version, digest, facts, request_id?, content? }: one batch, one signature.
function makeDecisions(drafts) {
  if (!drafts.length) return;
  const now = Date.now();
  const revisions = new Map();
  const batch = drafts.map((draft, index) => {
    const revision = (revisions.get(draft.number) || caseOf(draft.number).revision) + 1;
    revisions.set(draft.number, revision);
    const outcome = decide(draft.facts, weighAbove);
    const findings = outcome.findings.map((found) => ({ ...found, parameters: entries(found.parameters) }));
    const decision = contract.encode('clearance.common.v1.Decision', {
      agency: options.agency, district: options.district, clearance_number: draft.number, version: draft.version,
      consignment_digest: draft.digest, revision, rule_set_version: RULE_SET_VERSION, log: LOG,
      sequence: log.length + index + 1, decide_time: timestamp(now), facts_digest: sha256(JSON.stringify(draft.facts)),
      ...outcome, findings,
    });
    return { ...draft, revision, verdict: outcome.verdict, decision };
  });
  const leaves = batch.map((made) => leafOf(made.decision));
  const seal = contract.encode('clearance.common.v1.BatchSeal', {
    agency: options.agency, district: options.district, log: LOG, first_sequence: log.length + 1, count: batch.length,
    root: rootOf(leaves), head: leaves.reduce(entryOf, head), key_id: signing.keyId, seal_time: timestamp(now),
  });
  const signature = signing.seal(seal);
  record({
    batch: batch.map(({ decision, ...made }, index) => ({
      ...made,
      signed: { decision, proof: { index, count: leaves.length, siblings: pathOf(index, leaves) }, seal, signature },
    })),
  });
}

// The scales have weighed the goods: the agency decides again, if that version still counts.
function weigh(number, version) {
  const known = cases.get(number);
  if (known.version !== version || known.withdrawal || known.decisions[version].at(-1).verdict !== VERDICT.PENDING) return;
  const digest = Buffer.from(known.digests[version], 'hex');
  makeDecisions([{ number, version, digest, facts: { ...known.facts, weighed: true } }]);
}

// Checks one item; answers a draft to decide, or null where the decision is made already.
function examine(item, drafts) {
  const number = item.clearance_number;
  if (!/^[0-9A-Z]{8,35}$/.test(number) || !(item.version >= 1) || !item.consignment.length || !item.request_id) throw new Refusal('FORM_INVALID');
  const content = sha256(JSON.stringify([number, item.version, item.consignment_digest.toString('hex')])).toString('hex');
  const drafted = drafts.filter((draft) => draft.number === number).at(-1);
  const used = requests.get(item.request_id) || drafts.find((draft) => draft.request_id === item.request_id)?.content;
  if (used && used !== content) throw new Refusal('REQUEST_ID_REUSED', { request_id: item.request_id });
  if (used) return null;
  const known = cases.get(number) || { version: 0, digests: {} };
  if (known.withdrawal) throw new Refusal('WITHDRAWN', { clearance_number: number });
  const newest = drafted ? drafted.version : known.version;
  if (item.version < newest) throw new Refusal('STALE_VERSION', { version: item.version, current_version: newest });
  const digest = item.consignment_digest.toString('hex');
  const before = drafted && drafted.version === item.version ? drafted.digest.toString('hex') : known.digests[item.version];
  if (sha256(item.consignment).toString('hex') !== digest || (before && before !== digest)) {
    throw new Refusal('DIGEST_MISMATCH', { clearance_number: number, version: item.version });
  }
  if (before) return null;
  return { number, version: item.version, digest: item.consignment_digest, facts: read(item.consignment), request_id: item.request_id, content };
}

function read(bytes) {
  let consignment;
  try {
    consignment = contract.decode('clearance.common.v1.Consignment', bytes);
  } catch (error) {
    throw new Refusal('MALFORMED');
  }
  return { document: consignment.transport_document_number, mass: consignment.total_gross_mass_kg || 0, weighed: false };
}

const handlers = {
  AssessConsignments({ items }) {
    const began = process.hrtime.bigint();
    if (!items.length || items.length > 256) throw new Refusal('FORM_INVALID');
    const drafts = [];
    const refusals = items.map((item) => {
      try {
        const draft = examine(item, drafts);
        if (draft) drafts.push(draft);
        return null;
      } catch (error) {
        if (error instanceof Refusal) return error;
        throw error;
      }
    });
    makeDecisions(drafts);
    const answers = items.map((item, index) => (refusals[index]
      ? { request_id: item.request_id, error: contract.statusOf(refusals[index]) }
      : { request_id: item.request_id, decision: cases.get(item.clearance_number).decisions[item.version].at(-1).signed }));
    const nanos = Number(process.hrtime.bigint() - began);
    return { answers, work_duration: { seconds: Math.floor(nanos / 1e9), nanos: nanos % 1e9 } };
  },

  GetDecision({ clearance_number: name, version, revision }) {
    const known = cases.get(name);
    const made = known && (known.decisions[version || known.version] || []);
    const found = made && (revision ? made.find((each) => each.revision === revision) : made.at(-1));
    if (!found) throw new Refusal('NOT_FOUND', { resource: 'decision', name });
    return { decision: found.signed };
  },

  WithdrawConsignment({ clearance_number, version }) {
    const known = caseOf(clearance_number);
    if (!known.withdrawal && version < known.version) throw new Refusal('STALE_VERSION', { version, current_version: known.version });
    if (!known.withdrawal) record({ withdrawal: { clearance_number, version, withdraw_time: timestamp(Date.now()) } });
    return { withdrawal: known.withdrawal };
  },

  RecordOutcomes({ outcomes }) {
    const receipts = outcomes.map((outcome) => {
      const superseded = outcome.order_number < caseOf(outcome.clearance_number).order;
      if (!superseded) record({ outcome: { clearance_number: outcome.clearance_number, order_number: outcome.order_number, kind: outcome.kind } });
      return { request_id: outcome.request_id, superseded };
    });
    return { receipts };
  },

  ProposeExamination({ clearance_number: name }) {
    throw new Refusal('NOT_FOUND', { resource: 'examination', name }); // none of its rules orders one
  },

  DescribeAgency() {
    return {
      description: {
        agency: options.agency, district: options.district, display_name: { zh: '示例港', en: 'Example port in Node' },
        contract_versions: ['v1'], rule_set_version: RULE_SET_VERSION, rules: RULES, batch_limit: 256,
        signing_certificates: [{ certificate: signing.certificate, key_id: signing.keyId }], commitment_duration: { seconds: 1, nanos: 0 },
      },
    };
  },
};

function follow(call) {
  let sequence = call.request.positions.find((position) => position.log === LOG)?.sequence || 0;
  const send = () => {
    do {
      const decisions = log.slice(sequence, sequence + 256);
      sequence += decisions.length;
      call.write({ decisions, positions: [{ log: LOG, sequence }] });
    } while (sequence < log.length);
  };
  const alive = setInterval(send, 1000);
  const left = Math.max(call.getDeadline() - Date.now() - 250, 0); // ended here, not cut off there
  const end = setTimeout(() => { stop(); call.end(); }, left);
  const stop = () => { followers.delete(send); clearInterval(alive); clearTimeout(end); };
  call.on('cancelled', stop);
  followers.add(send);
  send();
}

// Only the gateway calls, and always with a deadline: nobody else is listed.
function admit(call) {
  const certificate = call.getAuthContext()?.sslPeerCertificate;
  const uris = (certificate?.subjectaltname || '').split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length !== 1 || uris[0] !== GATEWAY) throw new Refusal('CALLER_NOT_LISTED', { identity: uris.join(), method: call.getPath() });
  if (!Number.isFinite(Number(call.getDeadline()))) throw new Refusal('DEADLINE_MISSING');
}

// A fault of ours: die, and be restarted with what the journal holds. (grpc-js would swallow what a handler throws.)
function dieOf(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(70);
}

const guarded = (handler) => (call, callback) => {
  try {
    admit(call);
    callback(null, handler(call.request));
  } catch (error) {
    if (!(error instanceof Refusal)) return dieOf(error);
    callback(contract.failureOf(error));
  }
};

const implementation = Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, guarded(handler)]));
implementation.FollowDecisions = (call) => {
  try {
    admit(call);
    follow(call);
  } catch (error) {
    if (!(error instanceof Refusal)) return dieOf(error);
    call.emit('error', contract.failureOf(error));
  }
};

const server = new grpc.Server({ 'grpc.max_receive_message_length': 8 * 2 ** 20 });
server.addService(contract.service, implementation);
const pair = { cert_chain: readFileSync(options.cert), private_key: readFileSync(options.key) };
server.bindAsync(options.listen, grpc.ServerCredentials.createSsl(readFileSync(options.ca), [pair], true), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${JSON.stringify({ listening: port, decisions: log.length })}\n`);
});
process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
