// An in-memory adapter for oidc-provider, with one store per server, so that several run side by side.
const PRUNE_ABOVE = 1000;

export function memoryStore() {
  const entries = new Map();
  const set = (key, value, seconds) => {
    if (entries.size > PRUNE_ABOVE) prune(entries);
    entries.set(key, { value, until: Date.now() + seconds * 1000 });
  };
  const get = (key) => {
    const entry = entries.get(key);
    return entry && entry.until > Date.now() ? entry.value : undefined;
  };

  return class MemoryAdapter {
    constructor(model) { this.model = model; }

    key(id) { return `${this.model}:${id}`; }

    async upsert(id, payload, expiresIn) {
      if (payload.uid) set(`uid:${payload.uid}`, id, expiresIn);
      set(this.key(id), payload, expiresIn);
    }

    async find(id) { return get(this.key(id)); }

    async findByUid(uid) { return this.find(get(`uid:${uid}`)); }

    async consume(id) { get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }

    async destroy(id) { entries.delete(this.key(id)); }

    async revokeByGrantId(grantId) {
      for (const [key, { value }] of entries) {
        if (key.startsWith(`${this.model}:`) && value.grantId === grantId) entries.delete(key);
      }
    }
  };
}

function prune(entries) {
  const now = Date.now();
  for (const [key, { until }] of entries) if (until <= now) entries.delete(key);
}
