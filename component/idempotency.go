package component

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

// idempotencyKey is the header that names a request over all of its tries.
const idempotencyKey = "Idempotency-Key"

// autoKey asks for a key that the component makes itself.
const autoKey = "auto"

// taskKey is a key that stays the same over the tries of one task: runtimes
// give each task an output file of its own, and each of its tries the same.
func taskKey(outputFile string) string {
	if outputFile == "" {
		return rand.Text()
	}
	sum := sha256.Sum256([]byte(outputFile))
	return hex.EncodeToString(sum[:16])
}
