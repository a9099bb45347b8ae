import { randomBytes } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';

/** How Kudu numbers the states of a deployment. */
export const DeploymentStatus = { pending: 0, building: 1, deploying: 2, failed: 3, success: 4 } as const;

export interface Deployment {
  readonly id: string;
  readonly status: number;
  readonly message: string;
  readonly author: string;
  readonly deployer: string;
  /** ISO instants. */
  readonly receivedAt: string;
  readonly endedAt: string | null;
}

/** What the platform keeps about a site beside its ARM body. */
export interface SiteRecord {
  readonly masterKey: string;
  readonly functionKeys: Readonly<Record<string, string>>;
  readonly systemKeys: Readonly<Record<string, string>>;
  /** Counts restarts that ARM ordered; a change makes the host start afresh. */
  readonly restarts: number;
  /** Newest first. */
  readonly deployments: readonly Deployment[];
}

export const SITE_TYPE = 'Microsoft.Web/sites';
const COLLECTION = 'web-site-records';
/** Deployments that are remembered. */
const KEPT = 20;

/** A host key as Azure makes them: 40 random bytes, base64url. */
export function newHostKey(): string {
  return `${randomBytes(40).toString('base64url')}==`;
}

/** The record of a site, made with fresh keys on first use. */
export function siteRecord(fabric: Fabric, siteId: string): SiteRecord {
  const records = fabric.store.collection<SiteRecord>(COLLECTION);
  const known = records.get(siteId.toLowerCase());
  if (known !== undefined) return known;
  const made: SiteRecord = {
    masterKey: newHostKey(),
    functionKeys: { default: newHostKey() },
    systemKeys: {},
    restarts: 0,
    deployments: [],
  };
  records.put(siteId.toLowerCase(), made);
  return made;
}

export function changeSiteRecord(fabric: Fabric, siteId: string, change: Partial<SiteRecord>): SiteRecord {
  const changed = { ...siteRecord(fabric, siteId), ...change };
  fabric.store.collection<SiteRecord>(COLLECTION).put(siteId.toLowerCase(), changed);
  return changed;
}

export function deleteSiteRecord(fabric: Fabric, siteId: string): void {
  fabric.store.collection<SiteRecord>(COLLECTION).delete(siteId.toLowerCase());
}

/** Adds a deployment, or replaces the one with the same id. */
export function recordDeployment(fabric: Fabric, siteId: string, deployment: Deployment): void {
  const others = siteRecord(fabric, siteId).deployments.filter((item) => item.id !== deployment.id);
  changeSiteRecord(fabric, siteId, { deployments: [deployment, ...others].slice(0, KEPT) });
}

/** Id of the newest deployment that succeeded. */
export function activeDeployment(record: SiteRecord): string | undefined {
  return record.deployments.find((item) => item.status === DeploymentStatus.success)?.id;
}

/** All sites of the cloud. */
export function sites(fabric: Fabric): readonly StoredResource[] {
  return new Resources(fabric.store).ofType(SITE_TYPE);
}

/** The site whose default host name this is. */
export function siteByHost(fabric: Fabric, host: string): StoredResource | undefined {
  return sites(fabric).find((site) => member(site.body, 'properties', 'defaultHostName') === host);
}

/** The app settings, and a version that changes with every write, an unchanged one included. */
export function appSettings(
  fabric: Fabric,
  siteId: string,
): { version: string; values: Record<string, string> } {
  const stored = new Resources(fabric.store).get(`${siteId}/config/appsettings`);
  const properties = stored === undefined ? {} : member(stored.body, 'properties');
  const values = Object.entries(properties ?? {}).map(([name, value]) => [name, String(value)] as const);
  return { version: `${stored?.etag} ${stored?.changedAt}`, values: Object.fromEntries(values) };
}

/** A member deep inside a JSON value; undefined when any step is missing. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}
