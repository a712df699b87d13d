/** Whether a value is a signal, by its shape: that of another window is none of this one's class. What only has a signal's prototype throws when it is asked. */
export function isSignal(value: unknown): value is AbortSignal {
  try {
    const { aborted, addEventListener, removeEventListener } = value as AbortSignal;
    return typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  } catch {
    return false;
  }
}
