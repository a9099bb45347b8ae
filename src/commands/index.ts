import type { CommandDefinition } from '../core/command.ts';
import { version } from './version.ts';

/** Every command, in the order of `--help`. */
export const commands: readonly CommandDefinition[] = [version];
