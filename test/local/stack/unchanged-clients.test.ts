import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/core/assets.ts';
import { clientEnvironment } from '../../../src/local/client-environment.ts';
import { type RunningStack, startStack } from '../../../src/local/stack.ts';
import { stateFolder } from '../../../src/local/state-folder.ts';

let project: string;
let stack: RunningStack;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'smartfhir-clients-'));
  stack = await startStack({ folder: stateFolder(project) });
});

afterAll(async () => {
  await stack.close();
  await rm(project, { recursive: true, force: true });
});

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], ...clientEnvironment(stack.access) };
    const child = spawn(program, args, { cwd: packageRoot(), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('close', () => resolve(text.trim()));
  });
}

test('@azure/identity signs in with nothing but the environment', async () => {
  const program = `
    const { EnvironmentCredential } = await import('@azure/identity');
    const { token } = await new EnvironmentCredential().getToken('https://management.azure.com/.default');
    const answer = await fetch('https://management.azure.com/subscriptions?api-version=2022-12-01', {
      headers: { authorization: 'Bearer ' + token } });
    console.log(answer.status, (await answer.json()).value[0].subscriptionId === process.env.AZURE_SUBSCRIPTION_ID);`;
  expect(await output(process.execPath, ['--input-type=module', '-e', program])).toBe('200 true');
});

test('the management client of API Management gets through', async () => {
  const program = `
    const { EnvironmentCredential } = await import('@azure/identity');
    const { ApiManagementClient } = await import('@azure/arm-apimanagement');
    const client = new ApiManagementClient(new EnvironmentCredential(), process.env.AZURE_SUBSCRIPTION_ID);
    try { await client.apiManagementService.get('nobody', 'nothing'); console.log('found'); }
    catch (error) { console.log(error.statusCode, error.code); }`;
  expect(await output(process.execPath, ['--input-type=module', '-e', program])).toMatch(/^404 \w+$/);
});
