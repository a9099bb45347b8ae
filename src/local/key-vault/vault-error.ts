/** A Key Vault failure: `{error: {code, message, innererror?: {code}}}`. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly status: number;
  readonly code: string;
  readonly inner: string | undefined;

  constructor(status: number, code: string, message: string, inner?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.inner = inner;
  }
}

export function vaultErrorBody(error: VaultError): Record<string, unknown> {
  const inner = error.inner === undefined ? {} : { innererror: { code: error.inner } };
  return { error: { code: error.code, message: error.message, ...inner } };
}

export function badParameter(message: string): VaultError {
  return new VaultError(400, 'BadParameter', message);
}

export function secretNotFound(name: string): VaultError {
  return new VaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}
