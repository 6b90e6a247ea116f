/** One act at a time over all open pages and the service worker: Web Locks, or a lease in IndexedDB without them. */
import { takeLease } from "./waiting_store.js";

const LEASE_MS = 30_000;
const me = Math.random().toString(36).slice(2);

/** Runs the act when nobody else runs one of this name. Without Web Locks it gives up while somebody does. */
export async function alone(name, act) {
  if (navigator.locks) return navigator.locks.request(name, act);
  if (!await takeLease(name, me, LEASE_MS)) return undefined;
  const renewing = setInterval(() => takeLease(name, me, LEASE_MS), LEASE_MS / 3);
  try {
    return await act();
  } finally {
    clearInterval(renewing);
    await takeLease(name, me, 0);
  }
}
