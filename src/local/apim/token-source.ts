import { hostOfJwt } from './expression/jwt.ts';
import type { Compiler, Reader } from './policy/compiler.ts';
import type { AttributeRule, Step } from './policy/element.ts';
import { PolicyFault } from './policy/fault.ts';
import type { PolicyNode } from './policy/parse.ts';
import { checkAttributes, checkChildren } from './policy/shape.ts';
import type { Run } from './run.ts';
import { type RequiredClaim, TokenRefused, type TokenRules, verifyToken } from './token-check.ts';

/** Attributes that `validate-jwt` and `validate-azure-ad-token` share. */
export const TOKEN_ATTRIBUTES: Readonly<Record<string, AttributeRule>> = {
  'header-name': {},
  'query-parameter-name': {},
  'token-value': { expression: true },
  'failed-validation-httpcode': { type: 'integer', expression: true },
  'failed-validation-error-message': { expression: true },
  'output-token-variable-name': {},
};

const STATUS_UNAUTHORIZED = 401;

interface Source {
  readonly read: Reader<string | undefined>;
  readonly name: string;
}

/** A step that takes the token from where the element says, verifies it and keeps it if asked to. */
export function tokenStep(
  node: PolicyNode,
  compiler: Compiler,
  scheme: string | undefined,
  rules: Reader<TokenRules>,
  fallbackHeader?: string,
): Step {
  const source = tokenSource(node, compiler, scheme, fallbackHeader);
  const readStatus = compiler.integer(node, 'failed-validation-httpcode');
  const readMessage = compiler.optionalText(node, 'failed-validation-error-message');
  const variable = compiler.literal(node, 'output-token-variable-name');
  const refuse = async (run: Run, refused: TokenRefused, fallback: string): Promise<PolicyFault> =>
    new PolicyFault({
      source: node.name,
      reason: refused.reason,
      message: refused.message,
      status: (await readStatus?.(run)) ?? STATUS_UNAUTHORIZED,
      clientMessage: (await readMessage?.(run)) ?? fallback,
    });
  return async (run) => {
    const token = await source.read(run);
    if (token === undefined) {
      throw await refuse(
        run,
        new TokenRefused('TokenNotPresent', `JWT not present in ${source.name}.`),
        'JWT not present.',
      );
    }
    try {
      const verified = await verifyToken(run, token, await rules(run));
      if (variable !== undefined) run.variables.set(variable, hostOfJwt(verified));
    } catch (error) {
      if (error instanceof TokenRefused) throw await refuse(run, error, 'Invalid JWT.');
      throw error;
    }
  };
}

function tokenSource(
  node: PolicyNode,
  compiler: Compiler,
  scheme: string | undefined,
  fallbackHeader: string | undefined,
): Source {
  const asked = ['header-name', 'query-parameter-name', 'token-value'].filter((name) =>
    node.attributes.has(name),
  );
  if (asked.length > 1 || (asked.length === 0 && fallbackHeader === undefined)) {
    compiler.fail(node, "exactly one of 'header-name', 'query-parameter-name' and 'token-value' is required");
  }
  const value = compiler.optionalText(node, 'token-value');
  if (value !== undefined)
    return { name: 'the token value', read: async (run) => (await value(run)) || undefined };
  const parameter = compiler.literal(node, 'query-parameter-name');
  if (parameter !== undefined)
    return { name: 'the query', read: async (run) => run.request.query.get(parameter) ?? undefined };
  const header = compiler.literal(node, 'header-name') ?? fallbackHeader ?? 'Authorization';
  return {
    name: `the header ${header}`,
    read: async (run) => withoutScheme(run.request.headers.text(header), scheme),
  };
}

/** `Bearer` is dropped; a demanded scheme must be there. */
function withoutScheme(header: string | undefined, scheme: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const [, found, token] = /^(?:([A-Za-z-]+)\s+)?(\S+)$/.exec(header.trim()) ?? [];
  if (token === undefined) return header.trim();
  if (scheme !== undefined && found?.toLowerCase() !== scheme.toLowerCase()) return undefined;
  return token;
}

/** Readers of `<audiences><audience/></audiences>`-like lists. */
export function textList(
  node: PolicyNode,
  compiler: Compiler,
  list: string,
  item: string,
): Reader<readonly string[]> {
  const parent = node.children.find((child) => child.name === list);
  if (parent === undefined) return async () => [];
  checkAttributes(compiler, parent, {});
  checkChildren(compiler, parent, [`${item}+`]);
  const readers = parent.children.map((child) => {
    checkAttributes(compiler, child, {});
    if (child.content.text.trim() === '') compiler.fail(child, `'${item}' must not be empty`);
    return compiler.content(child);
  });
  return async (run) => {
    const values: string[] = [];
    for (const read of readers) values.push((await read(run)).trim());
    return values;
  };
}

export function requiredClaims(node: PolicyNode, compiler: Compiler): Reader<readonly RequiredClaim[]> {
  const parent = node.children.find((child) => child.name === 'required-claims');
  if (parent === undefined) return async () => [];
  checkAttributes(compiler, parent, {});
  checkChildren(compiler, parent, ['claim+']);
  const claims = parent.children.map((claim) => {
    checkAttributes(compiler, claim, {
      name: { required: true },
      match: { values: ['all', 'any'] },
      separator: {},
    });
    checkChildren(compiler, claim, ['value*']);
    return {
      name: compiler.literal(claim, 'name') ?? '',
      match: compiler.literal(claim, 'match') === 'any' ? ('any' as const) : ('all' as const),
      separator: compiler.literal(claim, 'separator'),
      readers: claim.children.map((value) => compiler.content(value)),
    };
  });
  return async (run) => {
    const ready: RequiredClaim[] = [];
    for (const { readers, ...claim } of claims) {
      const values: string[] = [];
      for (const read of readers) values.push((await read(run)).trim());
      ready.push({ ...claim, values });
    }
    return ready;
  };
}
