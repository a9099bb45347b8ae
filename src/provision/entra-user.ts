import { isFailure } from '../azure/failure.ts';
import type { Tools } from './tools.ts';

/**
 * Deletes a user for good where that is allowed: a soft-deleted one would keep its name for 30 days. Without the
 * permission it stays in the directory's bin until then.
 */
export async function deleteUser({ graph }: Pick<Tools, 'graph'>, id: string): Promise<void> {
  await graph.delete(`/users/${id}`);
  try {
    await graph.delete(`/directory/deletedItems/${id}`);
  } catch (error) {
    if (!isFailure(error, 403)) throw error;
  }
}
