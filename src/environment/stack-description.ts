import type { GlobalFlags } from '../core/command.ts';
import { AZURE_PUBLIC_ENDPOINTS } from '../core/target.ts';
import { stackTarget } from '../local/laptop-target.ts';
import type { StackStatus } from '../local/stack.ts';
import { describe } from './describe.ts';

/** What `local status -o json` prints. */
export type StackDocument =
  | { readonly running: false }
  | {
      readonly running: true;
      readonly pid: number;
      readonly endpoints: {
        readonly fhir: string | null;
        readonly login: string;
        readonly arm: string;
        readonly graph: string;
        readonly vault: string;
        readonly proxy: string;
        readonly ca: string;
      };
      readonly users: readonly {
        readonly username: string;
        readonly password: string;
        readonly fhirUser: string;
      }[];
    };

/** A stack's status with what is provisioned in it; `fhir` is null and `users` empty before `apply`. */
export async function describeStack(
  status: StackStatus,
  flags: Pick<GlobalFlags, 'cwd' | 'config'>,
): Promise<StackDocument> {
  if (!status.running) return { running: false };
  const target = await stackTarget(status.access);
  try {
    const { fhir, users } = await describe(target, flags);
    return {
      running: true,
      pid: status.pid,
      endpoints: {
        fhir,
        login: status.access.origins.login,
        arm: AZURE_PUBLIC_ENDPOINTS.arm,
        graph: AZURE_PUBLIC_ENDPOINTS.graph,
        vault: `https://${AZURE_PUBLIC_ENDPOINTS.vaultSuffix}`,
        proxy: status.access.proxyUrl,
        ca: status.access.authorityPath,
      },
      users,
    };
  } finally {
    await target.close();
  }
}

export function renderStack(document: StackDocument): string {
  if (!document.running) return 'the laptop cloud is not running\n  start  smartfhir local up';
  const { endpoints, users, pid } = document;
  const lines = [
    `the laptop cloud is running (process ${pid})`,
    `  fhir   ${endpoints.fhir ?? 'nothing applied yet: smartfhir apply --local'}`,
    `  login  ${endpoints.login}`,
    `  proxy  ${endpoints.proxy}`,
    `  ca     ${endpoints.ca}`,
    ...users.map(
      ({ username, password, fhirUser }) =>
        `  user   ${username}\n         password ${password}\n         fhirUser ${fhirUser}`,
    ),
  ];
  return lines.join('\n');
}
