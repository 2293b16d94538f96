package pipelinespec_test

import (
	"strings"
	"testing"

	"github.com/authcall/authcall/internal/pipelinespec"
)

func TestValidSpecsAreValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"call.yaml", "flow.yaml"} {
		if err := parsed(t, name).Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateNamesThePlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		edit       []string
		want       string
	}{
		{"no schema version", "call.yaml", []string{"schemaVersion: 2.1.0", ""}, `schemaVersion: is missing, want "2.1.0"`},
		{"old schema version", "call.yaml", []string{"schemaVersion: 2.1.0", "schemaVersion: 2.0.0"}, `schemaVersion: got "2.0.0", want "2.1.0"`},
		{"bad name", "call.yaml", []string{"call-then-read", "Call_Then"}, `pipelineInfo.name: got "Call_Then"`},
		{"no image", "call.yaml", []string{"image: example.test/call:1", "image: ''"}, `deploymentSpec.executors["exec-call"].container.image: is missing`},
		{"executor of no kind", "flow.yaml", []string{"{container: {image: example.test/one:1, command: [/one]}}", "{}"}, `deploymentSpec.executors["exec-one"]: got 0 of container`},
		{"importer without uri", "call.yaml", []string{"artifactUri: {runtimeParameter: uri}", ""}, `executors["exec-import"].importer.artifactUri: is missing`},
		{"dangling executor", "call.yaml", []string{"executorLabel: exec-call", "executorLabel: exec-x"}, `components["comp-call"].executorLabel: no executor "exec-x"`},
		{"component without body", "call.yaml", []string{"executorLabel: exec-call", ""}, `components["comp-call"]: got 0 of dag and executorLabel, want one`},
		{"type missing", "call.yaml", []string{"url: {parameterType: STRING}", "url: {}"}, `components["comp-call"].inputDefinitions.parameters["url"].parameterType: is missing`},
		{"type unknown", "call.yaml", []string{"url: {parameterType: STRING}", "url: {parameterType: TEXT}"}, `parameterType: unknown type "TEXT"`},
		{"default of another type", "call.yaml", []string{"defaultValue: 300", `defaultValue: "300"`}, `["seconds"].defaultValue: got the string "300", want NUMBER_INTEGER`},
		{"default too great", "call.yaml", []string{"defaultValue: 300", `defaultValue: 9007199254740992`}, `want NUMBER_INTEGER`},
		{"artifact without type", "call.yaml", []string{"body: {artifactType: {schemaTitle: system.Artifact, schemaVersion: 0.0.1}}", "body: {}"}, `components["comp-call"].outputDefinitions.artifacts["body"].artifactType: is missing`},
		{"artifact without schema", "call.yaml", []string{"schemaTitle: system.Artifact, schemaVersion: 0.0.1", "schemaVersion: 0.0.1"}, `got 0 of schemaTitle, schemaUri and instanceSchema`},
		{"artifact without schema version", "call.yaml", []string{"schemaTitle: system.Artifact, schemaVersion: 0.0.1", "schemaTitle: system.Artifact"}, `artifactType.schemaVersion: is missing`},
		{"artifact named as a parameter", "call.yaml", []string{"        body: {artifactType", "        status: {artifactType"}, `outputDefinitions.artifacts["status"]: there is a parameter of that name too`},
		{"name that leaves the directory", "call.yaml", []string{"      parameters:\n        status:", "      parameters:\n        ../status:"}, `got name "../status"`},
		{"dangling component", "call.yaml", []string{"{name: comp-read}", "{name: comp-x}"}, `components["comp-if"].dag.tasks["read"].componentRef.name: no component "comp-x"`},
		{"no task info", "call.yaml", []string{"taskInfo: {name: call}", "taskInfo: {}"}, `root.dag.tasks["call"].taskInfo.name: is missing`},
		{"dangling dependency", "call.yaml", []string{"dependentTasks: [call]", "dependentTasks: [call, x]"}, `root.dag.tasks["condition-1"].dependentTasks[1]: no task "x" in this DAG`},
		{"producer not among dependencies", "call.yaml", []string{"dependentTasks: [call]", ""}, `inputs.parameters["pipelinechannel--call-status"].taskOutputParameter.producerTask: task "call" is not among dependentTasks`},
		{"producer unknown", "call.yaml", []string{"taskOutputParameter: {producerTask: call", "taskOutputParameter: {producerTask: x"}, `producerTask: no task "x" in this DAG`},
		{"output unknown", "call.yaml", []string{"producerTask: call, outputParameterKey: status", "producerTask: call, outputParameterKey: x"}, `outputParameterKey: task "call" has no output parameter "x"`},
		{"artifact output unknown", "call.yaml", []string{"producerTask: call, outputArtifactKey: body", "producerTask: call, outputArtifactKey: x"}, `outputArtifactKey: task "call" has no output artifact "x"`},
		{"artifact producer unknown", "call.yaml", []string{"taskOutputArtifact: {producerTask: call", "taskOutputArtifact: {producerTask: x"}, `taskOutputArtifact.producerTask: no task "x"`},
		{"input unknown", "call.yaml", []string{"url: {componentInputParameter: url}", "uri: {componentInputParameter: url}"}, `root.dag.tasks["call"].inputs.parameters["uri"]: component "comp-call" has no input parameter "uri"`},
		{"input missing", "call.yaml", []string{"            url: {componentInputParameter: url}\n", ""}, `root.dag.tasks["call"].inputs.parameters["url"]: is missing, component "comp-call" requires it`},
		{"artifact missing", "call.yaml", []string{"            artifacts:\n              body: {componentInputArtifact: pipelinechannel--call-body}\n", ""}, `inputs.artifacts["body"]: is missing, component "comp-read" requires it`},
		{"artifact unknown", "call.yaml", []string{"              body: {componentInputArtifact", "              head: {componentInputArtifact"}, `component "comp-read" has no input artifact "head"`},
		{"outer input unknown", "call.yaml", []string{"url: {componentInputParameter: url}", "url: {componentInputParameter: x}"}, `componentInputParameter: the component around has no input parameter "x"`},
		{"outer artifact unknown", "call.yaml", []string{"{componentInputArtifact: pipelinechannel--call-body}", "{componentInputArtifact: x}"}, `componentInputArtifact: the component around has no input artifact "x"`},
		{"two origins", "call.yaml", []string{"url: {componentInputParameter: url}", "url: {componentInputParameter: url, runtimeValue: {constant: a}}"}, `["url"]: got 2 of taskOutputParameter`},
		{"no artifact origin", "call.yaml", []string{"{componentInputArtifact: pipelinechannel--call-body}", "{}"}, `got 0 of taskOutputArtifact and componentInputArtifact, want one`},
		{"types that differ", "call.yaml", []string{"seconds: {componentInputParameter: seconds}", "seconds: {componentInputParameter: url}"}, `root.dag.tasks["call"].inputs.parameters["seconds"]: got a value of type STRING, want NUMBER_INTEGER`},
		{"constant of another type", "call.yaml", []string{"words: {runtimeValue: {constant: [a, \"b\", 3]}}", "words: {runtimeValue: {constant: a}}"}, `inputs.parameters["words"].runtimeValue.constant: got a string, want LIST`},
		{"artifact types that differ", "flow.yaml", []string{"artifacts: {data: {artifactType: {schemaTitle: system.Dataset", "artifacts: {data: {artifactType: {schemaTitle: system.Model"}, `root.dag.tasks["all"].inputs.artifacts["data"]: got an artifact of type system.Dataset, want system.Model`},
		{"condition on nothing", "call.yaml", []string{"inputs.parameter_values['pipelinechannel--call-status']", "inputs.parameter_values['x']"}, `triggerPolicy.condition: the task has no input parameter "x"`},
		{"strategy unknown", "flow.yaml", []string{"ALL_UPSTREAM_TASKS_COMPLETED", "ALWAYS"}, `triggerPolicy.strategy: unknown strategy "ALWAYS"`},
		{"status of nothing", "flow.yaml", []string{"taskFinalStatus: {producerTask: all}", "taskFinalStatus: {producerTask: x}"}, `taskFinalStatus.producerTask: no task "x"`},
		{"negative retries", "call.yaml", []string{"maxRetryCount: 2", "maxRetryCount: -2"}, `retryPolicy: got a negative number`},
		{"items that are no array", "flow.yaml", []string{`raw: '["a", "b"]'`, `raw: 'a, b'`}, `parameterIterator.items.raw: got "a, b", want a JSON array`},
		{"items from nowhere", "flow.yaml", []string{"items: {inputParameter: pipelinechannel--items}", "items: {inputParameter: x}"}, `items.inputParameter: the task has no input parameter "x"`},
		{"no items", "flow.yaml", []string{`items: {raw: '["a", "b"]'}`, `items: {}`}, `parameterIterator.items: want one of raw and inputParameter`},
		{"item for nothing", "flow.yaml", []string{"itemInput: item, items: {raw", "itemInput: x, items: {raw"}, `itemInput: component "comp-loop" has no input parameter "x"`},
		{"negative limit", "flow.yaml", []string{"parallelismLimit: 2", "parallelismLimit: -1"}, `parallelismLimit: got -1`},
		{"output not declared", "call.yaml", []string{"  outputDefinitions:\n    parameters:\n      status: {parameterType: NUMBER_INTEGER}\n    artifacts", "  outputDefinitions:\n    artifacts"}, `root.dag.outputs.parameters["status"]: outputDefinitions has no parameter "status"`},
		{"output declared only", "call.yaml", []string{"    outputs:\n      parameters:\n        status: {valueFromParameter: {producerSubtask: call, outputParameterKey: status}}\n", "    outputs:\n"}, `root.dag.outputs.parameters["status"]: is missing, outputDefinitions declares it`},
		{"output from nowhere", "call.yaml", []string{"valueFromParameter: {producerSubtask: call", "valueFromParameter: {producerSubtask: x"}, `root.dag.outputs.parameters["status"]: no task "x" in this DAG`},
		{"output of nothing", "call.yaml", []string{"producerSubtask: call, outputParameterKey: status", "producerSubtask: call, outputParameterKey: x"}, `task "call" has no output parameter "x"`},
		{"output without origin", "call.yaml", []string{"status: {valueFromParameter: {producerSubtask: call, outputParameterKey: status}}", "status: {}"}, `want one of valueFromParameter and valueFromOneof`},
		{"output of another type", "call.yaml", []string{"  outputDefinitions:\n    parameters:\n      status: {parameterType: NUMBER_INTEGER}\n    artifacts", "  outputDefinitions:\n    parameters:\n      status: {parameterType: STRING}\n    artifacts"}, `root.dag.outputs.parameters["status"]: got a value of type NUMBER_INTEGER, want STRING`},
		{"artifact output of nothing", "call.yaml", []string{"producerSubtask: call, outputArtifactKey: body", "producerSubtask: call, outputArtifactKey: x"}, `root.dag.outputs.artifacts["body"]: task "call" has no output artifact "x"`},
		{"artifact output without origin", "call.yaml", []string{"artifactSelectors: [{producerSubtask: call, outputArtifactKey: body}]", "artifactSelectors: []"}, `artifactSelectors: is empty`},
		{"no tasks", "flow.yaml", []string{"tasks: {one: {taskInfo: {name: one}, componentRef: {name: comp-one}}}", "tasks: {}"}, `dag.tasks: is empty`},
		{"tasks in a circle", "flow.yaml", []string{"componentRef: {name: comp-import}\n", "componentRef: {name: comp-import}\n        dependentTasks: [exit]\n"}, `root.dag.tasks: tasks wait for one another: all -> import -> exit -> all`},
		{"components in a circle", "call.yaml", []string{"componentRef: {name: comp-read}", "componentRef: {name: comp-if}"}, `components: they contain one another: comp-if -> comp-if`},
		{"integer for a double is fine", "call.yaml", []string{"seconds: {parameterType: NUMBER_INTEGER, isOptional: true, defaultValue: 300}", "seconds: {parameterType: NUMBER_DOUBLE, isOptional: true}"}, ""},
		{"double for an integer is not", "call.yaml", []string{"seconds: {componentInputParameter: seconds}", "seconds: {componentInputParameter: rate}"}, "got a value of type NUMBER_DOUBLE, want NUMBER_INTEGER"},
		{"placeholder for an integer is fine", "call.yaml", []string{"defaultValue: 300", `defaultValue: "{{$.pipeline_job_uuid}}"`}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := parsed(t, tt.file, tt.edit...).Validate()
			if tt.want == "" {
				wantMessage(t, err)
				return
			}
			wantMessage(t, err, tt.want)
		})
	}
}

func TestValidateTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	err := new(pipelinespec.Spec).Validate()
	wantMessage(t, err, "schemaVersion: is missing", "pipelineInfo.name: got", "root: is missing")
	if got := len(strings.Split(message(err), "\n")); got != 3 {
		t.Errorf("got %d lines, want one for each of 3 problems:\n%v", got, err)
	}
}
