// A certified OpenID Connect provider on a free port of this machine, with its own
// log-in and consent pages. It prints its issuer, and ends with its standard input.
// node provider.mjs '{"redirect_uris": [...], "people": {"sub": {"groups": [...]}}}'

import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const given = JSON.parse(process.argv[2]);
const client = (id, secret) => ({
  client_id: id,
  client_secret: secret,
  redirect_uris: given.redirect_uris,
});
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client('moderation', 'a-secret'), client('another', 'its-secret')],
    claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: given.in_user_info ?? true,
    ...(given.jwks && { jwks: given.jwks }),
    pkce: { required: () => true },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, ...given.people[sub] }),
    }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume().on('end', () => process.exit(0));
