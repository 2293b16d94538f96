package queue

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Errors about ack ids.
var (
	// ErrAckID means that the queue never gave such an id.
	ErrAckID = errors.New("the ack id is none")
	// ErrExpired means that the lease of the id has ended.
	ErrExpired = errors.New("the ack id's lease has ended")
)

const wordBytes = 8

// ackID is opaque to clients: the message's id and the lease's.
func ackID(e *entry) string {
	var data [2 * wordBytes]byte
	binary.BigEndian.PutUint64(data[:wordBytes], uint64(e.ID)) //nolint:gosec // ids are not negative
	binary.BigEndian.PutUint64(data[wordBytes:], e.lease)
	return base64.RawURLEncoding.EncodeToString(data[:])
}

func parseAckID(text string) (message int64, lease uint64, err error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != 2*wordBytes {
		return 0, 0, ErrAckID
	}
	message = int64(binary.BigEndian.Uint64(data[:wordBytes])) //nolint:gosec // one that is negative is found nowhere
	lease = binary.BigEndian.Uint64(data[wordBytes:])
	if message < 0 || lease == 0 {
		return 0, 0, ErrAckID
	}
	return message, lease, nil
}

// newLease tells one lease from all others, over restarts too.
func newLease() uint64 {
	var data [wordBytes]byte
	_, _ = rand.Read(data[:]) // it never fails, as its documentation says
	return binary.BigEndian.Uint64(data[:]) | 1
}
