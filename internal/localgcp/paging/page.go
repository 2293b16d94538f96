package paging

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// Request is what a call asks for.
type Request struct {
	// Size is the most that a page may hold; 0 leaves it to the API.
	Size int32
	// Token is where the page before ended; empty for the first.
	Token string
	// Max is the most that the API gives.
	Max int32
}

// Page cuts one page out of the names. A token tells the last name seen rather than
// a count, so that what comes or goes between two pages makes nothing appear twice
// or be passed over. The names are sorted in place.
func Page(names []string, r Request) (page []string, next string, err error) {
	if r.Size < 0 {
		return nil, "", fmt.Errorf("page size: got %d, want 0 to %d", r.Size, r.Max)
	}
	after, err := base64.RawURLEncoding.DecodeString(r.Token)
	if err != nil {
		return nil, "", errors.New("page token: it is not one that this API gave")
	}
	slices.Sort(names)
	start, found := slices.BinarySearch(names, string(after))
	if found {
		start++
	}
	names = names[start:]
	size := int(r.Max)
	if r.Size > 0 {
		size = int(min(r.Size, r.Max))
	}
	if len(names) <= size {
		return names, "", nil
	}
	return names[:size], base64.RawURLEncoding.EncodeToString([]byte(names[size-1])), nil
}
