"""Objects that an API server takes, one of each kind whose rules are known, to be spoilt one field at a time."""

import copy
from typing import Any

from seatrial.manifests.kustomize import Object, parse

SOUND = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web, app.kubernetes.io/name: ""}}
spec:
  os: {name: linux}
  hostAliases: [{ip: 127.0.0.1, hostnames: [here.local]}]
  dnsConfig: {nameservers: [1.1.1.1]}
  nodeSelector: {kubernetes.io/os: linux}
  tolerations: [{operator: Exists}, {key: dedicated, value: web, effect: NoExecute, tolerationSeconds: 5}]
  topologySpreadConstraints:
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
    - {maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - {weight: 100, podAffinityTerm: {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}}
  securityContext: {runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}
  initContainers:
    - {name: first, image: first, volumeMounts: [{name: tmp, mountPath: /tmp}]}
    - {name: beside, image: beside, restartPolicy: Always, readinessProbe: {grpc: {port: 9000}}}
  containers:
    - name: web
      image: registry.example.com/web:1
      ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP, hostPort: 53}]
      env:
        - {name: A-dotted.name, value: "1"}
        - {name: KEY, valueFrom: {secretKeyRef: {name: web, key: key.txt}}}
        - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
      envFrom: [{prefix: WEB_, configMapRef: {name: web}}]
      resources:
        requests: {cpu: 50m, memory: 1e6, ephemeral-storage: 1.5Gi}
        limits: {cpu: 1, memory: 64Mi, example.com/part: 2000m}
      livenessProbe: {httpGet: {port: http, httpHeaders: [{name: Host, value: web}]}, terminationGracePeriodSeconds: 5}
      readinessProbe: {tcpSocket: {port: 8080}, successThreshold: 2, periodSeconds: 0}
      lifecycle: {preStop: {sleep: {seconds: 30}}, postStart: {exec: {command: ["true"]}}}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: tmp, mountPath: /tmp/inner, subPath: inner}
        - {name: data, mountPath: /data}
      volumeDevices: [{name: data, devicePath: /dev/data}]
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: 16Mi}}
    - {name: data, persistentVolumeClaim: {claimName: data}}
    - {name: bare}
    - {name: files, configMap: {name: web, defaultMode: 292, items: [{key: a, path: sub/a}]}}
    - name: all
      projected:
        sources:
          - {secret: {name: web, items: [{key: a, path: a}]}}
          - {serviceAccountToken: {path: token, expirationSeconds: 600}}
          - {downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web.1, annotations: {Example.com/Note: "yes"}}
spec:
  replicas: 0
  progressDeadlineSeconds: 60
  minReadySeconds: 5
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 0, maxSurge: 25%}}
  selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {restartPolicy: Always, containers: [{name: web, image: web}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  selector: {matchLabels: {app: db}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: db, volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  updateStrategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true
      containers: [{name: agent, image: agent, ports: [{containerPort: 9100, hostPort: 9100}]}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  backoffLimit: 0
  template: {spec: {restartPolicy: Never, containers: [{name: migrate, image: web}]}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: "*/15 1-5,7 ? JAN-mar 0,sat"
  timeZone: Europe/Paris
  concurrencyPolicy: Forbid
  jobTemplate:
    spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: nightly, image: web}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  externalTrafficPolicy: Local
  selector: {app: web}
  ports:
    - {name: http, port: 80, targetPort: http, nodePort: 30080}
    - {name: dns, port: 53, protocol: UDP}
    - {name: dns-tcp, port: 53, protocol: TCP}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {_a.b-C: text, .hidden: text}
binaryData: {bytes: "AAEC\\nAwQ="}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
type: kubernetes.io/tls
data: {tls.crt: ""}
stringData: {tls.key: text}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOncePod], storageClassName: "", resources: {requests: {storage: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 2
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 0, policies: [{type: Pods, value: 1, periodSeconds: 60}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {maxUnavailable: 50%, selector: {matchLabels: {app: web}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  ingressClassName: nginx
  tls: [{hosts: ["*.example.com"]}]
  rules:
    - host: web.example.com
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: http}]}]
  egress: [{}, {ports: [{port: 8000, endPort: 9000}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:Web"}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}, {apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}
subjects: [{kind: ServiceAccount, name: web}, {kind: Group, name: "system:authenticated"}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  local: {path: /disk}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: Exists}]}]}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: Example.com/disk
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: all}
spec:
  hard: {pods: "10", requests.cpu: 2, memory: 4Gi, requests.nvidia.com/gpu: 4, count/deployments.apps: 5,
         fast.storageclass.storage.k8s.io/requests.storage: 1Gi, requests.hugepages-2Mi: 4Mi}
---
apiVersion: v1
kind: LimitRange
metadata: {name: each}
spec:
  limits:
    - {type: Container, min: {cpu: 10m}, defaultRequest: {cpu: 50m}, default: {cpu: 1}, max: {cpu: 2}}
    - {type: PersistentVolumeClaim, max: {storage: 1Gi}}
    - {type: Pod, max: {memory: 1Gi}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: first}
value: 1000000000
preemptionPolicy: Never
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: pods}
webhooks:
  - name: pods.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    timeoutSeconds: 5
    clientConfig: {service: {name: web, namespace: web}}
    rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boats, kind: Boat}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""


def sound() -> list[Object]:
    """Return all of them."""
    return parse(SOUND, "sound objects")


def spoilt(kind: str, path: str, value: Any) -> Object:
    """Return the object of a kind with a value at a path, as `spec/ports/0/name`; None takes away what is there."""
    found: Any = copy.deepcopy(next(found for found in sound() if found["kind"] == kind))
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("/"))
    inner = found
    for step in steps:
        inner = inner[step] if isinstance(step, int) else inner.setdefault(step, {})
    if value is None:
        del inner[last]
    elif isinstance(inner, list) and last == len(inner):
        inner.append(value)
    else:
        inner[last] = value
    return dict(found)
