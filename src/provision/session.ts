import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AuthorizedHttp } from '../azure/authorized-http.ts';
import type { Config } from '../config/config.ts';
import { functionPackagePath } from '../core/assets.ts';
import type { Clock } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import { APIS, POLICY_FRAGMENTS, readPolicy } from '../templates/index.ts';
import { type Account, resolveAccount } from './account.ts';
import type { FunctionPackage, ResourceKind, StackContext } from './context.ts';
import type { Stack, Step } from './engine/resource.ts';
import { namesOf } from './names.ts';
import { Owner } from './owner.ts';
import { buildStack } from './stack.ts';
import { type Tools, toolFactory } from './tools.ts';

/** What the entry points of provisioning are given. */
export interface ProvisionInput {
  readonly config: Config;
  readonly target: Target;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** `.smartfhir` beside smartfhir.yaml: journal and lock lie below it. */
  readonly stateFolder: string;
  /** Path of the Function package; default: the one that the build wrote. */
  readonly functionPackage?: string;
  /** Resources beyond the stack's own, planned and applied with them: the seed data. */
  readonly additions?: ResourceKind;
}

/** One environment, opened: who we are, what is wanted, and the means. */
export interface Session {
  readonly input: ProvisionInput;
  readonly account: Account;
  readonly context: StackContext;
  readonly stack: Stack<Tools>;
  readonly tools: (step: Step) => Tools;
  /** Tools for reading: no step to report to. */
  readonly reader: Tools;
}

/** @throws SmartfhirError as `resolveAccount` does; `NOT_SUPPORTED` for servers that are not provisioned */
export async function openSession(input: ProvisionInput): Promise<Session> {
  const { config, target, clock, signal } = input;
  if (config.target === 'server') {
    throw new SmartfhirError(
      'NOT_SUPPORTED',
      `environment "${config.env}" is a server of others: nothing to provision`,
      {
        why: `environments.${config.env}.server names a server that smartfhir did not make`,
        fix: 'judge it or launch against it, or name another environment with -e',
        command: `smartfhir doctor -e ${config.env}`,
      },
    );
  }
  const http = new AuthorizedHttp(target.fetch, target.credential, clock);
  const account = await resolveAccount(config, target, http);
  const names = namesOf(config, account.subscriptionId);
  const owner = new Owner(config.name, config.env, account.subscriptionId, names.resourceGroup);
  const context: StackContext = {
    config,
    account,
    names,
    owner,
    features: target.features,
    endpoints: target.endpoints,
    functionPackage: await describePackage(input.functionPackage ?? functionPackagePath()),
    policies: await readPolicies(),
    publicOrigin: (host) => target.publicOrigin(host),
  };
  const tools = await toolFactory({ target, http, clock, account, names, owner });
  const idle: Step = { signal, operation: async () => undefined, waiting: () => undefined };
  const built = buildStack(context);
  const stack = { ...built, resources: [...built.resources, ...(input.additions?.(context) ?? [])] };
  return { input, account, context, stack, tools, reader: tools(idle) };
}

async function readPolicies(): Promise<StackContext['policies']> {
  const files = [
    ...POLICY_FRAGMENTS.map((fragment) => fragment.policy),
    ...APIS.flatMap((api) => [api.policy, ...api.operations.flatMap((operation) => operation.policy ?? [])]),
  ];
  const texts = await Promise.all(
    [...new Set(files)].map(async (file) => [file, await readPolicy(file)] as const),
  );
  return Object.fromEntries(texts) as StackContext['policies'];
}

async function describePackage(path: string): Promise<FunctionPackage> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new SmartfhirError('INTERNAL', 'the Function package is missing from this installation', {
      fix: 'run `npm run build`',
      cause: error,
    });
  });
  return { path, hash: createHash('sha256').update(bytes).digest('hex') };
}
