import { afterEach, beforeEach, expect, test } from 'vitest';
import { inProcessTarget } from '../../src/local/laptop-target.ts';
import { applyStack, destroyStack, planStack } from '../../src/provision/provision.ts';
import { type Laptop, openLaptop } from './laptop.ts';

const GROUP = 'rg-theirs';
let laptop: Laptop;
let fhirId: string;

beforeEach(async () => {
  laptop = await openLaptop();
  fhirId = `/subscriptions/${laptop.cloud.fabric.subscriptionId}/resourceGroups/${GROUP}/providers/Microsoft.HealthcareApis/workspaces/theirworkspace/fhirservices/claims`;
});
afterEach(() => laptop.close());

interface FhirService {
  readonly tags?: Record<string, string>;
  readonly value?: unknown;
  readonly properties: {
    readonly corsConfiguration?: { readonly origins: string[] };
    readonly exportConfiguration?: { readonly storageAccountName?: string };
    readonly authenticationConfiguration: {
      readonly audience: string;
      readonly smartIdentityProviders?: unknown[];
    };
  };
}

async function arm(method: string, id: string, body?: unknown): Promise<FhirService> {
  const token = await inProcessTarget(laptop.cloud).credential.getToken(
    'https://management.azure.com/.default',
  );
  const version = /roleAssignments/.test(id)
    ? '2022-04-01'
    : /workspaces/.test(id)
      ? '2024-03-31'
      : '2025-04-01';
  const answer = await laptop.cloud.fetch(
    new Request(`https://management.azure.com${id}?api-version=${version}`, {
      method,
      headers: { authorization: `Bearer ${token?.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  expect(answer.status).toBeLessThan(300);
  const text = await answer.text();
  return JSON.parse(text === '' ? '{}' : text) as FhirService;
}

/** A FHIR service of somebody else, in another group, with settings that smartfhir does not know about. */
async function makeTheirs(): Promise<void> {
  const subscription = `/subscriptions/${laptop.cloud.fabric.subscriptionId}`;
  await arm('POST', `${subscription}/providers/Microsoft.HealthcareApis/register`);
  await arm('PUT', `${subscription}/resourceGroups/${GROUP}`, { location: 'westus2' });
  await arm('PUT', fhirId.slice(0, fhirId.indexOf('/fhirservices')), { location: 'westus2' });
  await arm('PUT', fhirId, {
    location: 'westus2',
    kind: 'fhir-R4',
    tags: { costCenter: '42' },
    properties: {
      authenticationConfiguration: {
        authority: `https://login.microsoftonline.com/${laptop.cloud.fabric.tenantId}`,
        audience: 'https://their.audience.example',
        smartIdentityProviders: [
          {
            authority: 'https://other.example/v2.0',
            applications: [{ clientId: 'c', audience: 'a', allowedDataActions: ['Read'] }],
          },
        ],
      },
      corsConfiguration: { origins: ['https://their.app.example'], methods: ['GET'], maxAge: 60 },
    },
  });
  await arm('GET', fhirId);
}

const input = () => {
  const base = laptop.config;
  const fhir = { adopt: fhirId, workspace: undefined, service: undefined };
  return laptop.input({ config: { ...base, fhir, data: { ...base.data, seed: 'none' } } });
};

test('an existing service is read, merged and written; what is foreign stays; destroy lets it go', async () => {
  await makeTheirs();
  const plan = await planStack(input());
  expect(plan.changes.find((change) => change.id === 'fhir/service')?.action).toBe('adopt');
  expect(plan.changes.map((change) => change.id)).not.toContain('fhir/workspace');
  const { result } = await applyStack(input());
  expect([...(result?.errors.values() ?? [])].map((error) => error.message)).toEqual([]);
  expect((await planStack(input())).changes).toEqual([]);

  const adopted = await arm('GET', fhirId);
  expect(adopted.tags).toMatchObject({ costCenter: '42' });
  expect(adopted.properties.corsConfiguration?.origins).toEqual(['https://their.app.example']);
  expect(adopted.properties.authenticationConfiguration.smartIdentityProviders).toHaveLength(1);
  expect(adopted.properties.authenticationConfiguration.audience).toMatch(/^[0-9a-f-]{36}$/);

  const gone = await destroyStack(input());
  expect([...(gone.result?.errors.values() ?? [])].map((error) => error.message)).toEqual([]);
  expect(gone.items.find((item) => item.id === 'fhir/service')?.action).toBe('detach');
  const left = await arm('GET', fhirId);
  expect(left.tags).toEqual({ costCenter: '42' });
  expect(left.properties.authenticationConfiguration.audience).toBe('https://their.audience.example');
  expect(left.properties.corsConfiguration?.origins).toEqual(['https://their.app.example']);
  expect(left.properties.exportConfiguration?.storageAccountName ?? '').toBe('');
  const roles = await arm('GET', `${fhirId}/providers/Microsoft.Authorization/roleAssignments`);
  expect(JSON.stringify(roles.value)).not.toContain('smartfhir:');
});

test('a service that is not there is named', async () => {
  await expect(planStack(input())).rejects.toMatchObject({ code: 'CONFIG_INVALID', why: fhirId });
});
