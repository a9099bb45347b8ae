/** What the detached process does, without the command line around it. Arguments: project folder, and how to fail. */
import { asSmartfhirError, errorDocument, SmartfhirError } from '../../../src/core/errors.ts';
import { startStack } from '../../../src/local/stack.ts';
import { stateFolder } from '../../../src/local/state-folder.ts';

const [project = '', failure] = process.argv.slice(2);
try {
  if (failure === 'coded') throw new SmartfhirError('PORT_IN_USE', 'port 1 is in use');
  if (failure === 'exit') process.exit(9);
  const stack = await startStack({ folder: stateFolder(project) });
  process.on('SIGTERM', () => void stack.close());
} catch (error) {
  process.stdout.write(JSON.stringify(errorDocument(asSmartfhirError(error))));
  process.exitCode = 1;
}
