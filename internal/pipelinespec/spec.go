package pipelinespec

// SchemaVersion is the version of the pipeline spec that this package speaks.
const SchemaVersion = "2.1.0"

// Spec is a compiled pipeline.
type Spec struct {
	PipelineInfo  PipelineInfo `json:"pipelineInfo"`
	SchemaVersion string       `json:"schemaVersion,omitempty"`
	// SDKVersion is free text that names the compiler.
	SDKVersion string `json:"sdkVersion,omitempty"`
	// DefaultPipelineRoot is the gs:// directory for outputs where the job
	// names none.
	DefaultPipelineRoot string                `json:"defaultPipelineRoot,omitempty"`
	DeploymentSpec      DeploymentSpec        `json:"deploymentSpec"`
	Components          map[string]*Component `json:"components,omitempty"`
	// Root is the pipeline itself, as a component.
	Root *Component `json:"root,omitempty"`

	// PlatformSpec is the second document of a file, with settings for
	// Kubernetes that Vertex AI does not know; it is kept as read and is not
	// part of what JSON and YAML write.
	PlatformSpec map[string]any `json:"-"`
}

// PipelineInfo names the pipeline.
type PipelineInfo struct {
	// Name is lower-case letters, digits and dashes, at most 128.
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
}

// DeploymentSpec says how components are executed.
type DeploymentSpec struct {
	// Executors are by executor label.
	Executors map[string]*Executor `json:"executors,omitempty"`
}

// Executor is one way to execute a component; exactly one field is set.
type Executor struct {
	Container *Container `json:"container,omitempty"`
	Importer  *Importer  `json:"importer,omitempty"`
	// Resolver and CustomJob are known to Vertex AI alone and are passed on as
	// they are.
	Resolver  map[string]any `json:"resolver,omitempty"`
	CustomJob map[string]any `json:"customJob,omitempty"`
}

// Container runs a container image.
type Container struct {
	Image     string         `json:"image,omitempty"`
	Command   []string       `json:"command,omitempty"`
	Args      []string       `json:"args,omitempty"`
	Env       []EnvVar       `json:"env,omitempty"`
	Resources *Resources     `json:"resources,omitempty"`
	Lifecycle map[string]any `json:"lifecycle,omitempty"`
}

// EnvVar is a variable of a container's environment. Its value is taken as it
// is: runtimes replace no placeholders in it.
type EnvVar struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Resources are what a container asks for, in two spellings: numbers for older
// runtimes (CPU cores, memory in 10^9 bytes) and Kubernetes quantities.
type Resources struct {
	CPULimit              float64      `json:"cpuLimit,omitempty"`
	MemoryLimit           float64      `json:"memoryLimit,omitempty"`
	CPURequest            float64      `json:"cpuRequest,omitempty"`
	MemoryRequest         float64      `json:"memoryRequest,omitempty"`
	ResourceCPULimit      string       `json:"resourceCpuLimit,omitempty"`
	ResourceMemoryLimit   string       `json:"resourceMemoryLimit,omitempty"`
	ResourceCPURequest    string       `json:"resourceCpuRequest,omitempty"`
	ResourceMemoryRequest string       `json:"resourceMemoryRequest,omitempty"`
	Accelerator           *Accelerator `json:"accelerator,omitempty"`
}

// Accelerator is a GPU or TPU, in the same two spellings.
type Accelerator struct {
	Type          string `json:"type,omitempty"`
	Count         int    `json:"count,omitempty"`
	ResourceType  string `json:"resourceType,omitempty"`
	ResourceCount string `json:"resourceCount,omitempty"`
}

// Importer makes an artifact of something that exists already.
type Importer struct {
	ArtifactURI         *Value         `json:"artifactUri,omitempty"`
	TypeSchema          *ArtifactType  `json:"typeSchema,omitempty"`
	Metadata            map[string]any `json:"metadata,omitempty"`
	Reimport            bool           `json:"reimport,omitempty"`
	DownloadToWorkspace bool           `json:"downloadToWorkspace,omitempty"`
	Properties          map[string]any `json:"properties,omitempty"`
	CustomProperties    map[string]any `json:"customProperties,omitempty"`
}

// Value is a constant, or the name of a parameter that has the value.
type Value struct {
	// Constant is a JSON value: nil, bool, float64, string, []any or
	// map[string]any.
	Constant         any    `json:"constant,omitempty"`
	RuntimeParameter string `json:"runtimeParameter,omitempty"`
}
