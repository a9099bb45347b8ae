import { HOUR, MINUTE } from '../../core/clock.ts';

/** Limits of API Management (its service limits and policy reference). Bytes and milliseconds. */
export const OPENID_CONFIG_CACHE_MS = HOUR;
export const OPENID_CONFIG_REFETCH_MS = 5 * MINUTE;
export const CONSUMPTION_REQUEST_MS = 30_000;
const CONSUMPTION_BUFFER_BYTES = 2 * 1024 * 1024;
export const CONSUMPTION_URL_BYTES = 4096;
/** Azure buffers more than this in other SKUs; a laptop should not. */
export const OTHER_BUFFER_BYTES = 64 * 1024 * 1024;
/** Default of `forward-request timeout`. */
export const FORWARD_TIMEOUT_MS = 300_000;
/** How long a value read from Key Vault is used before it is read again. */
export const KEY_VAULT_REFRESH_MS = 4 * HOUR;

export function bufferLimit(sku: string): number {
  return sku === 'Consumption' ? CONSUMPTION_BUFFER_BYTES : OTHER_BUFFER_BYTES;
}
