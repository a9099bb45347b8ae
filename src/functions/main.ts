import { registerFunctions } from './azure-host.ts';

registerFunctions(process.env);
