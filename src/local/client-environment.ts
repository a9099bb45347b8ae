import type { StackAccess } from './laptop-target.ts';

/** Environment variables with which an unchanged program finds the laptop cloud where it expects Azure. */
export function clientEnvironment(access: StackAccess): Record<string, string> {
  const { proxyUrl, authorityPath } = access;
  return {
    HTTPS_PROXY: proxyUrl,
    HTTP_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    http_proxy: proxyUrl,
    NO_PROXY: '',
    no_proxy: '',
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: authorityPath,
    SSL_CERT_FILE: authorityPath,
    CURL_CA_BUNDLE: authorityPath,
    REQUESTS_CA_BUNDLE: authorityPath,
    AZURE_TENANT_ID: access.tenantId,
    AZURE_CLIENT_ID: access.clientId,
    AZURE_CLIENT_SECRET: access.clientSecret,
    AZURE_SUBSCRIPTION_ID: access.subscriptionId,
  };
}
