import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { DAY } from '../core/clock.ts';
import { writeFileAtomic } from '../core/files.ts';

/** The certificate authority of one laptop stack. Its key never leaves the state folder (0600). */
export interface CertificateAuthority {
  /** Path of the CA certificate, for NODE_EXTRA_CA_CERTS and SSL_CERT_FILE. */
  readonly path: string;
  readonly pem: string;
  /** A server context for one host name, made once per process. */
  contextFor(host: string): Promise<SecureContext>;
}

const CA_DAYS = 825;
const LEAF_DAYS = 90;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Opens the CA of a state folder, or makes one (EC P-256). */
export async function openCertificateAuthority(folder: string): Promise<CertificateAuthority> {
  const path = join(folder, 'ca.pem');
  const keyPath = join(folder, 'ca-key.pem');
  const ca = (await readPair(path, keyPath)) ?? (await makeAuthority());
  await writeFileAtomic(keyPath, ca.key);
  await writeFileAtomic(path, ca.cert);
  const contexts = new Map<string, Promise<SecureContext>>();
  return {
    path,
    pem: ca.cert,
    contextFor(host) {
      const known = contexts.get(host) ?? makeLeaf(ca, host).then((leaf) => createSecureContext(leaf));
      contexts.set(host, known);
      return known;
    },
  };
}

async function readPair(certPath: string, keyPath: string): Promise<Pair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, 'utf8'), readFile(keyPath, 'utf8')]);
    return { cert, key };
  } catch {
    return undefined;
  }
}

async function makeAuthority(): Promise<Pair> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'smartfhir laptop CA' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + CA_DAYS * DAY),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

async function makeLeaf(ca: Pair, host: string): Promise<Pair> {
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: host.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - DAY),
    notAfterDate: new Date(Date.now() + LEAF_DAYS * DAY),
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}
