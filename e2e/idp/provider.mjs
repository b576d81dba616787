// An OpenID provider on a free port of 127.0.0.1, for tests. It issues JWT access tokens (RFC 9068) to one client, by client
// credentials, for the resources below.
//
// It is driven over its standard input, a word a line, and ends when that ends:
//   rotate   new keys sign from now on, the old ones stay published
//   retire   only the keys that sign stay published
// It answers its own start and then each word with a line of JSON on standard output: where it is, its client, how many keys
// it publishes.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import Provider from 'oidc-provider';

// The algorithm that signs the tokens of each resource; the resource is their audience.
const RESOURCES = {
  'https://api.example/orders': 'RS256',
  'https://api.example/billing': 'ES256',
};

const CLIENT = {
  client_id: 'e2e',
  client_secret: randomUUID(),
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
};

// The library warns that this is no set-up for production, at each rotation.
console.info = console.warn = () => {};

let signing = newKeys();
let retired = [];
let serve;

const server = createServer((request, response) => serve(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
publish();

for await (const word of createInterface({ input: process.stdin })) {
  if (word === 'rotate') [signing, retired] = [newKeys(), [...signing, ...retired]];
  if (word === 'retire') retired = [];
  publish();
}
process.exit();

// The library takes its keys once; of several that fit, the first one signs.
function publish() {
  const keys = [...signing, ...retired];
  serve = new Provider(issuer, configuration(keys)).callback();
  const { client_id, client_secret } = CLIENT;
  console.log(JSON.stringify({ issuer, client_id, client_secret, keys: keys.length }));
}

function configuration(keys) {
  return {
    clients: [CLIENT],
    jwks: { keys },
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo },
    },
  };
}

function getResourceServerInfo(_context, resource) {
  return { scope: 'read', audience: resource, accessTokenFormat: 'jwt', jwt: { sign: { alg: RESOURCES[resource] } } };
}

function newKeys() {
  return [newKey('RS256', 'rsa', { modulusLength: 2048 }), newKey('ES256', 'ec', { namedCurve: 'P-256' })];
}

function newKey(alg, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() };
}
