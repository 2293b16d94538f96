package pubsub

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/authcall/authcall/internal/localgcp/fieldmask"
	"github.com/authcall/authcall/internal/localgcp/paging"
)

// merge puts the fields that the mask names from one message into another. The
// first name of each path must be one of the allowed.
func merge[M proto.Message](into, from M, mask *fieldmaskpb.FieldMask, allowed ...string) error {
	if len(mask.GetPaths()) == 0 {
		return invalidf("The update_mask in the request must be set, and must contain a non-empty paths list.")
	}
	for _, path := range mask.GetPaths() {
		if first, _, _ := strings.Cut(path, "."); !slices.Contains(allowed, first) {
			return invalidf("Invalid update_mask provided in the request: got %q, want what is below one of %s.", path, strings.Join(allowed, ", "))
		}
	}
	if err := fieldmask.Merge(into, from, mask); err != nil {
		return invalidf("Invalid update_mask provided in the request: %v.", err)
	}
	return nil
}

// maxPage is the greatest number of resources in one page of a list.
const maxPage = 1000

// page cuts one page out of names.
func page(names []string, size int32, token string) (cut []string, next string, err error) {
	cut, next, err = paging.Page(names, paging.Request{Size: size, Token: token, Max: maxPage})
	if err != nil {
		return nil, "", invalidf("Invalid %v.", err)
	}
	return cut, next, nil
}
