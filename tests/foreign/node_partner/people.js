// A broker and an officer of Ningbo: declare, release, and follow to the discharge. Prints the movement as JSON.
//
// node people.js --include PROTOS … --ca FILE --broker STEM --officer STEM --gateway HOST:PORT --grn GRN --access-code CODE
'use strict';
const { randomUUID } = require('crypto');
const { ask, loadContract, readOptions, tell, towards } = require('./contract');

const options = readOptions('ca', 'broker', 'officer', 'gateway', 'grn', 'access-code');
const { TransitService } = loadContract(options.include).clearance.gateway.v1;
const at = (stem) => new TransitService(options.gateway, towards('spiffe://ningbo.clearance/gateway', options.ca, stem));
const [broker, officer] = [at(options.broker), at(options.officer)];
const POLL_MILLISECONDS = 50;

const declaration = {
  lrn: 'NODE-1',
  declaration_type: 'T1',
  mode: 'MODE_DIRECT',
  departure_office_code: '3104',
  destination_office_code: '2921',
  holder: { identifier: '3302961234', name: '宁波海蓝进出口有限公司' },
  transport: { mode: 'MODE_ROAD', identification: 'ZHE-B-21300' },
  guarantee_amount: { currency_code: 'CNY', minor_units: 125000 },
  items: [{ number: 1, commodity_code: '85287212', description: '液晶电视机' }],
};

async function main() {
  const guarantees = [{ grn: options.grn, access_code: options['access-code'] }];
  const declared = await ask(broker, 'DeclareMovement', { request_id: randomUUID(), declaration, guarantees });
  const { mrn } = declared.movement;
  const release = { seal_numbers: ['CN-1'], control_result_code: 'A1' };
  await ask(officer, 'DecideDeparture', { request_id: randomUUID(), mrn, decision: 'DECISION_RELEASE', release });
  for (;;) {
    const { movement } = await ask(broker, 'GetMovement', { reference: 'NODE-1' });
    if (movement.state === 'STATE_DISCHARGED') return tell(movement);
    await new Promise((resolve) => { setTimeout(resolve, POLL_MILLISECONDS); });
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
