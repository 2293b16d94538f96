package gate

import (
	"context"
	"crypto/sha256"

	lru "github.com/hashicorp/golang-lru/v2"
)

// remembered is how many tokens a gate knows again. Each takes some 2 KB.
const remembered = 1024

// verified is what a token of good signature says, and the key that made it.
type verified struct {
	claims  wireClaims
	payload []byte
	key     *key
}

// digest is that of a whole token.
type digest = [sha256.Size]byte

// memory knows tokens again whose signature was good, for callers send the same
// one for up to an hour. It holds digests, no tokens. What depends on the time or
// on the policy is checked anew each time.
type memory struct {
	keys *remoteKeys
	seen *lru.Cache[digest, verified]
}

func newMemory(keys *remoteKeys) (*memory, error) {
	seen, err := lru.New[digest, verified](remembered)
	return &memory{keys, seen}, err
}

// recall finds a token again while its key is still one of the issuer's.
func (m *memory) recall(ctx context.Context, token digest) (verified, bool) {
	if m == nil {
		return verified{}, false
	}
	v, ok := m.seen.Get(token)
	if !ok {
		return v, false
	}
	key, err := m.keys.find(ctx, v.key.id)
	return v, err == nil && key == v.key
}

func (m *memory) keep(token digest, v verified) {
	if m != nil {
		m.seen.Add(token, v)
	}
}
