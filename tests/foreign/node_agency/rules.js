// Three rules of a small port: what is found on a consignment, given whether its goods have been weighed.
'use strict';

const VERDICT = { APPROVED: 1, PENDING: 4, INFORMATION_REQUESTED: 5, REFUSED: 8 };
const ACTION = { NONE: 0, SUPPLY_DOCUMENT: 1, RETURN: 7 };
const PERSON = 1;
const QUAY_LIMIT_KG = 500000;

const RULES = [
  {
    id: 'NOD-401', version: 1, source: 'Example',
    text: { zh: '未申报 {missing}', en: '{missing} is not stated' },
    enough: { zh: '申报提(运)单号', en: 'State the transport document' },
  },
  {
    id: 'NOD-402', version: 1, source: 'Example',
    text: { zh: '毛重 {mass} 千克,码头最多承受 {limit} 千克', en: '{mass} kg gross; the quay bears {limit} kg' },
    enough: { zh: '分批装运', en: 'Send the goods in parts' },
  },
  {
    id: 'NOD-403', version: 1, source: 'Example',
    text: { zh: '毛重 {mass} 千克,待过磅', en: '{mass} kg gross: they wait for the scales' },
    enough: { zh: '过磅', en: 'The scales have weighed them' },
  },
];

const finding = (rule, effect, parameters, action = ACTION.NONE) => ({
  rule_id: rule, rule_version: 1, effect, parameters, required_action: action,
});

const waiting = (rule, party, kind = '', key = '') => ({
  kind: PERSON, party, fact_kind: kind, fact_key: key, rule_id: rule,
});

// facts: { document, mass, weighed }, masses in kilograms; answers { verdict, findings, waiting }, the gravest rule first.
function decide(facts, weighAbove) {
  const mass = String(facts.mass);
  if (facts.mass > QUAY_LIMIT_KG) {
    const found = finding('NOD-402', VERDICT.REFUSED, { mass, limit: String(QUAY_LIMIT_KG) }, ACTION.RETURN);
    return { verdict: VERDICT.REFUSED, findings: [found], waiting: [] };
  }
  if (!facts.document) {
    const missing = { missing: 'transport_document_number' };
    const found = finding('NOD-401', VERDICT.INFORMATION_REQUESTED, missing, ACTION.SUPPLY_DOCUMENT);
    return { verdict: VERDICT.INFORMATION_REQUESTED, findings: [found], waiting: [waiting('NOD-401', 'broker')] };
  }
  if (facts.mass > weighAbove && !facts.weighed) {
    const found = finding('NOD-403', VERDICT.PENDING, { mass });
    return { verdict: VERDICT.PENDING, findings: [found], waiting: [waiting('NOD-403', 'port', 'weighing', facts.document)] };
  }
  return { verdict: VERDICT.APPROVED, findings: [], waiting: [] };
}

module.exports = { RULES, VERDICT, decide };
