package component

import (
	"bytes"
	"encoding/json"
	"strings"
)

// FinalStatus is KFP's PipelineTaskFinalStatus: a JSON object that says how a
// task, most often a whole pipeline, ended. It has state, error (code and
// message), pipelineTaskName and the like; runtimes differ in what they tell and
// in how they spell it, so it is passed on as it comes. Empty means that nobody
// told.
type FinalStatus string

// TypeFinalStatus is the Type of a Parameter that holds a FinalStatus. KFP lets
// only exit tasks have an input of this type.
const TypeFinalStatus = "PipelineTaskFinalStatus"

// Decode reads a JSON object; it satisfies envconfig.Decoder.
func (s *FinalStatus) Decode(text string) error {
	*s = ""
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var fields map[string]json.RawMessage
	var compact bytes.Buffer
	if json.Unmarshal([]byte(text), &fields) != nil || json.Compact(&compact, []byte(text)) != nil {
		return &mismatchError{`a JSON object such as {"state": "SUCCEEDED"}`}
	}
	if len(fields) > 0 {
		*s = FinalStatus(compact.String())
	}
	return nil
}

// tell makes the final status the body where there is no other.
func (c *Config) tell() {
	if c.Body == "" && c.BodyURI == "" {
		c.Body = string(c.FinalStatus)
	}
}
