import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { writeFileAtomic } from '../core/files.ts';
import type { KeyPair } from './certificate-maker.ts';

/** The certificate authority of one laptop stack. Its key never leaves the state folder (0600). */
export interface CertificateAuthority {
  /** Path of the CA certificate, for NODE_EXTRA_CA_CERTS and SSL_CERT_FILE. */
  readonly path: string;
  readonly pem: string;
  /** A server context for one host name, made once per process. */
  contextFor(host: string): Promise<SecureContext>;
}

/** Opens the CA of a state folder, or makes one (EC P-256). */
export async function openCertificateAuthority(folder: string): Promise<CertificateAuthority> {
  const path = join(folder, 'ca.pem');
  const keyPath = join(folder, 'ca-key.pem');
  const ca = (await readPair(path, keyPath)) ?? (await (await maker()).makeAuthority());
  await writeFileAtomic(keyPath, ca.key);
  await writeFileAtomic(path, ca.cert);
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    path,
    pem: ca.cert,
    contextFor(host) {
      const known =
        contexts.get(host) ??
        maker()
          .then(({ makeLeaf }) => makeLeaf(ca, host))
          .then((leaf) => createSecureContext(leaf));
      contexts.set(host, known);
      return known;
    },
  };
}

async function readPair(certPath: string, keyPath: string): Promise<KeyPair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, 'utf8'), readFile(keyPath, 'utf8')]);
    const read = new X509Certificate(cert);
    // A damaged or expired one is replaced: nobody but this stack's own clients trusts it.
    const sound = read.checkPrivateKey(createPrivateKey(key)) && Date.parse(read.validTo) > Date.now();
    return sound ? { cert, key } : undefined;
  } catch {
    return undefined;
  }
}

/** Loaded when a certificate has to be made: its library takes a tenth of a second. */
function maker(): Promise<typeof import('./certificate-maker.ts')> {
  return import('./certificate-maker.ts');
}
