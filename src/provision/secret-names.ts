/** Names of secrets in Key Vault. */
export const secretName = {
  sessionKey: 'session-key',
  functionKey: 'function-key',
  signIn: 'sign-in-secret',
  clientSecret: (client: string): string => `client-${client}`,
  /** Of a private_key_jwt client, by its app id: where the gateway looks for it. */
  exchanged: (clientId: string): string => clientId,
  jwks: (client: string): string => `jwks-${client}`,
  userPassword: (user: string): string => `user-${user}`,
} as const;
