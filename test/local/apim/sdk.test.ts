import { describe, expect, test } from 'vitest';
import { apimCloud, SERVICE } from './apim-cloud.ts';

const GOOD = `<policies>
  <inbound>
    <base />
    <set-header name="X-Seen" exists-action="override">
      <value>@(context.Request.Headers.GetValueOrDefault("X-Name", "nobody").Length < 10 ? "short" : "long")</value>
    </set-header>
  </inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error><base /></on-error>
</policies>`;

describe('the unmodified SDK', () => {
  test('a policy pushed with it takes effect', async () => {
    const cloud = await apimCloud();
    await cloud.client.apiPolicy.createOrUpdate(
      'rg',
      'apim-1',
      'a',
      'policy',
      { format: 'rawxml', value: GOOD },
      { ifMatch: '*' },
    );
    const response = await cloud.call('/a/Patient?x=1', { headers: { 'x-name': 'somebody with a name' } });
    expect(response.status).toBe(200);
    expect(cloud.received[0]?.url).toBe('https://app1.azurewebsites.net/api/Patient?x=1');
    expect(cloud.received[0]?.headers.get('x-seen')).toBe('long');
  });

  test('one that is broken on line 7 is refused naming line 7', async () => {
    const cloud = await apimCloud();
    const broken = `<policies>
  <inbound>
    <base />
    <set-header name="X-A" exists-action="override">
      <value>@("a")</value>
    </set-header>
    <set-variable name="x" value="@(context.Request.Nope)" />
  </inbound>
</policies>`;
    const attempt = cloud.client.apiPolicy.createOrUpdate('rg', 'apim-1', 'a', 'policy', {
      format: 'rawxml',
      value: broken,
    });
    await expect(attempt).rejects.toMatchObject({
      statusCode: 400,
      code: 'ValidationError',
      details: {
        error: {
          message: 'One or more fields contain incorrect values:',
          details: [{ target: 'set-variable' }],
        },
      },
    });
    const { body } = await cloud.policy('/apis/a', broken);
    expect(body.error.details[0].message).toMatch(
      /^Error in element 'set-variable' on line 7, column 53: 'Request' has no member 'Nope'/,
    );
  });

  test('service, API, operation, named value, fragment and backend are made and read with it', async () => {
    const cloud = await apimCloud();
    const { client } = cloud;
    const quick = { updateIntervalInMs: 1 };
    const service = await client.apiManagementService.get('rg', 'apim-1');
    expect(service).toMatchObject({
      gatewayUrl: 'http://localhost:1',
      provisioningState: 'Succeeded',
      sku: { name: 'Developer' },
    });
    expect(service.identity?.principalId).toMatch(/^[0-9a-f-]{36}$/);
    const made = await client.api.beginCreateOrUpdateAndWait(
      'rg',
      'apim-1',
      'b',
      { displayName: 'B', path: 'b', protocols: ['https'] },
      quick,
    );
    expect(made).toMatchObject({ path: 'b', isCurrent: true });
    await client.apiOperation.createOrUpdate('rg', 'apim-1', 'b', 'get', {
      displayName: 'get',
      method: 'GET',
      urlTemplate: '/x',
    });
    const value = await client.namedValue.beginCreateOrUpdateAndWait(
      'rg',
      'apim-1',
      'n',
      { displayName: 'n', secret: true, value: 'hidden' },
      quick,
    );
    expect(value.value).toBeUndefined();
    expect(await client.namedValue.listValue('rg', 'apim-1', 'n')).toMatchObject({ value: 'hidden' });
    await client.backend.createOrUpdate('rg', 'apim-1', 'be', {
      url: 'https://app1.azurewebsites.net',
      protocol: 'http',
    });
    await client.policyFragment.beginCreateOrUpdateAndWait(
      'rg',
      'apim-1',
      'f',
      { format: 'rawxml', value: '<fragment><set-method>GET</set-method></fragment>' },
      quick,
    );
    expect((await client.policyFragment.get('rg', 'apim-1', 'f', { format: 'rawxml' })).value).toContain(
      '<set-method>GET</set-method>',
    );
    const ids = [];
    for await (const item of client.api.listByService('rg', 'apim-1')) ids.push(item.name);
    expect(ids.sort()).toEqual(['a', 'b']);
  });

  test('a policy comes back re-indented: escaped, or raw when asked for', async () => {
    const cloud = await apimCloud();
    await cloud.policy('/apis/a', GOOD);
    const escaped = await cloud.arm('GET', `${SERVICE}/apis/a/policies/policy`);
    expect(escaped.body.properties.value).toContain('.Length &lt; 10');
    const raw = await cloud.arm('GET', `${SERVICE}/apis/a/policies/policy?format=rawxml`);
    expect(raw.body.properties.value).toContain('.Length < 10');
    const again = await cloud.policy('/apis/a', escaped.body.properties.value, 'xml');
    expect(again.status).toBe(200);
  });

  test('a deleted service keeps its name until it is restored or purged', async () => {
    const cloud = await apimCloud();
    const { client } = cloud;
    const quick = { updateIntervalInMs: 1 };
    await client.apiManagementService.beginDeleteAndWait('rg', 'apim-1', quick);
    const again = {
      location: 'eastus',
      sku: { name: 'Developer', capacity: 1 },
      publisherEmail: 'a@b.c',
      publisherName: 'A',
    };
    await expect(
      client.apiManagementService.beginCreateOrUpdateAndWait('rg', 'apim-1', again, quick),
    ).rejects.toMatchObject({
      code: 'ServiceAlreadyExistsInSoftDeletedState',
    });
    expect(await client.deletedServices.getByName('apim-1', 'eastus')).toMatchObject({ name: 'apim-1' });
    await client.apiManagementService.beginCreateOrUpdateAndWait(
      'rg',
      'apim-1',
      { ...again, restore: true },
      quick,
    );
    expect((await client.api.get('rg', 'apim-1', 'a')).path).toBe('a');
    await client.apiManagementService.beginDeleteAndWait('rg', 'apim-1', quick);
    await client.deletedServices.beginPurgeAndWait('apim-1', 'eastus', quick);
    await client.apiManagementService.beginCreateOrUpdateAndWait('rg', 'apim-1', again, quick);
    await expect(client.api.get('rg', 'apim-1', 'a')).rejects.toMatchObject({ statusCode: 404 });
  });
});
