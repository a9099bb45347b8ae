import type { JSONWebKeySet } from 'jose';
import type { Compiler } from '../policy/compiler.ts';
import type { PolicyElement } from '../policy/element.ts';
import type { PolicyNode } from '../policy/parse.ts';
import { checkAttributes, checkChildren } from '../policy/shape.ts';
import { requiredClaims, TOKEN_ATTRIBUTES, textList, tokenStep } from '../token-source.ts';

/**
 * Verifies a token with keys found by OIDC discovery or given in the policy (API Management policy
 * reference).
 */
export const validateJwt: PolicyElement = {
  name: 'validate-jwt',
  sections: ['inbound'],
  attributes: {
    ...TOKEN_ATTRIBUTES,
    'require-expiration-time': { type: 'boolean', expression: true },
    'require-scheme': {},
    // Unsigned tokens are never let through here, so asking for them is refused.
    'require-signed-tokens': { values: ['true'] },
    'clock-skew': { type: 'integer', expression: true },
  },
  children: ['openid-config*', 'issuer-signing-keys?', 'audiences?', 'issuers?', 'required-claims?'],
  compile: (node, compiler) => {
    const configs = node.children.filter((child) => child.name === 'openid-config');
    for (const config of configs) {
      checkAttributes(compiler, config, { url: { required: true, expression: true } });
      checkChildren(compiler, config, []);
      const url = compiler.literal(config, 'url') ?? '';
      if (!compiler.isExpression(config, 'url') && !/^https?:\/\//.test(url))
        compiler.fail(config, "attribute 'url' must be an absolute URL");
    }
    const urls = configs.map((config) => compiler.text(config, 'url'));
    const staticKeys = signingKeys(node, compiler);
    if (configs.length === 0 && staticKeys.length === 0)
      compiler.fail(node, "'openid-config' or 'issuer-signing-keys' is required inside 'validate-jwt'");
    const audiences = textList(node, compiler, 'audiences', 'audience');
    const hasIssuers = node.children.some((child) => child.name === 'issuers');
    const issuers = textList(node, compiler, 'issuers', 'issuer');
    const claims = requiredClaims(node, compiler);
    const skew = compiler.integer(node, 'clock-skew');
    const requireExpiration = compiler.boolean(node, 'require-expiration-time', true);
    return tokenStep(node, compiler, compiler.literal(node, 'require-scheme'), async (run) => ({
      element: node.name,
      configUrls: await Promise.all(urls.map((read) => read(run))),
      staticKeys,
      audiences: await audiences(run),
      issuers: hasIssuers ? await issuers(run) : undefined,
      claims: await claims(run),
      requireExpiration: await requireExpiration(run),
      clockSkewSeconds: (await skew?.(run)) ?? 0,
    }));
  },
};

/** Keys written into the policy can only be symmetric or RSA; certificates are not imitated. */
function signingKeys(node: PolicyNode, compiler: Compiler): JSONWebKeySet['keys'] {
  const parent = node.children.find((child) => child.name === 'issuer-signing-keys');
  if (parent === undefined) return [];
  checkAttributes(compiler, parent, {});
  checkChildren(compiler, parent, ['key+']);
  return parent.children.map((key) => {
    checkAttributes(compiler, key, { id: {}, n: {}, e: {} });
    const kid = compiler.literal(key, 'id');
    const [n, e] = [compiler.literal(key, 'n'), compiler.literal(key, 'e')];
    if ((n === undefined) !== (e === undefined)) compiler.fail(key, "attributes 'n' and 'e' belong together");
    const named = kid === undefined ? {} : { kid };
    if (n !== undefined && e !== undefined) return { kty: 'RSA', n, e, ...named };
    const secret = Buffer.from(compiler.literalContent(key), 'base64');
    if (secret.byteLength < 16) compiler.fail(key, 'the key must be base64 of at least 16 bytes');
    return { kty: 'oct', k: secret.toString('base64url'), ...named };
  });
}
