import type { PolicyElement } from '../policy/element.ts';
import { requiredClaims, TOKEN_ATTRIBUTES, textList, tokenStep } from '../token-source.ts';

const DEFAULT_AUTHENTICATION_ENDPOINT = 'https://login.microsoftonline.com';
const TENANT = /^[0-9A-Za-z][0-9A-Za-z.-]{0,253}$/;

/** Verifies a token of one Entra tenant, of either version; at least one of clients, backends, audiences narrows it. */
export const validateAzureAdToken: PolicyElement = {
  name: 'validate-azure-ad-token',
  sections: ['inbound'],
  attributes: {
    ...TOKEN_ATTRIBUTES,
    'tenant-id': { required: true, expression: true },
    'authentication-endpoint': { expression: true },
  },
  children: ['backend-application-ids?', 'client-application-ids?', 'audiences?', 'required-claims?'],
  compile: (node, compiler) => {
    const tenant = compiler.text(node, 'tenant-id');
    const literal = compiler.isExpression(node, 'tenant-id')
      ? undefined
      : compiler.literal(node, 'tenant-id');
    if (
      literal !== undefined &&
      (!TENANT.test(literal) || ['common', 'organizations', 'consumers'].includes(literal))
    ) {
      compiler.fail(node, "attribute 'tenant-id' must name one tenant");
    }
    const endpoint =
      compiler.optionalText(node, 'authentication-endpoint') ?? (async () => DEFAULT_AUTHENTICATION_ENDPOINT);
    const clients = textList(node, compiler, 'client-application-ids', 'application-id');
    const backends = textList(node, compiler, 'backend-application-ids', 'application-id');
    const audiences = textList(node, compiler, 'audiences', 'audience');
    const claims = requiredClaims(node, compiler);
    return tokenStep(
      node,
      compiler,
      undefined,
      async (run) => {
        const base = `${await endpoint(run)}/${encodeURIComponent(await tenant(run))}`;
        const configUrls = [
          `${base}/v2.0/.well-known/openid-configuration`,
          `${base}/.well-known/openid-configuration`,
        ];
        const [asked, ids, apps] = [await audiences(run), await backends(run), await clients(run)];
        return {
          element: node.name,
          configUrls,
          staticKeys: [],
          audiences: [...asked, ...ids.flatMap((id) => [id, `api://${id}`])],
          issuers: undefined,
          claims: await claims(run),
          clients: apps,
          requireExpiration: true,
          clockSkewSeconds: 0,
        };
      },
      'Authorization',
    );
  },
};
