// Hashes and signatures of a decision log, from clearance/common/v1/evidence.proto and nothing else.
'use strict';
const { createHash, createPrivateKey, sign, X509Certificate } = require('crypto');

const EMPTY_HEAD = Buffer.alloc(32);
const SEAL_PREFIX = Buffer.from('tongguan-batch-seal-v1\n');

function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

const leafOf = (decision) => sha256(Buffer.from([0]), decision);
const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right);
const entryOf = (before, leaf) => sha256(Buffer.from([2]), before, leaf);

// The largest power of two below the count (RFC 6962, section 2.1).
function splitOf(count) {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0];
  const split = splitOf(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

// Sibling hashes from the leaf upwards (RFC 6962, section 2.1.1).
function pathOf(index, leaves) {
  if (leaves.length === 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - split, right), rootOf(left)];
}

// A signer: `seal(bytes)` gives the Ed25519 signature over the prefixed seal; `keyId` is the certificate's fingerprint.
function signer(certificatePem, keyPem) {
  const certificate = new X509Certificate(certificatePem).raw;
  const key = createPrivateKey(keyPem);
  return { certificate, keyId: sha256(certificate), seal: (bytes) => sign(null, Buffer.concat([SEAL_PREFIX, bytes]), key) };
}

module.exports = { EMPTY_HEAD, entryOf, leafOf, pathOf, rootOf, sha256, signer };
