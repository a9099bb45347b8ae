/** The main job on one laptop: start, plan, apply, a green doctor, one launch, stop. Exit 0 only if all of it held. */
import { smartfhir, withStackFolder } from './run/stack.ts';

const steps: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['Write smartfhir.yaml for the laptop', ['init', '--local', '--no-input']],
  ['Start the laptop cloud: empty, nothing provisioned', ['local', 'up']],
  ['What apply would create', ['plan', '--local']],
  ['Create it, through the same calls as on Azure', ['apply', '--local', '--yes']],
  ['A second apply changes nothing', ['apply', '--local', '--yes']],
  ['Judge it', ['doctor', '--local']],
  ['Drive an app through it', ['launch', 'standalone', '--local', '--headless']],
];

const failed = await withStackFolder(async (folder) => {
  for (const [title, args] of steps) {
    console.log(`\n── ${title}\n$ smartfhir ${args.join(' ')}`);
    const { code } = await smartfhir(args, { cwd: folder, show: true });
    if (code !== 0) return `smartfhir ${args.join(' ')} ended with ${code}`;
  }
  console.log('\n── Stop\n$ smartfhir local down');
  return undefined;
});
console.log(failed === undefined ? '\ndemo: every step ended with 0' : `\ndemo: ${failed}`);
process.exitCode = failed === undefined ? 0 : 1;
