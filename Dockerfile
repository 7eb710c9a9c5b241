# The image of agent and collector: a JRE of the modules that are needed, Kiroku, the agent's cache of classes, and what these
# load. No package manager; of shells and tools only bash, env and readlink, for the launcher.
#
#   docker build -t kiroku .
#
# Arguments:
#   BUILD_BASE         a Debian (or one of its kind) with a JDK 25 and its tools, Maven, libsystemd and bash
#   RUN_BASE           what the image begins with; the default is nothing
#   DISTRIBUTION       built: Maven builds it here; given: it is in cli/target/kiroku, and BUILD_BASE needs no Maven
#   SOURCE_DATE_EPOCH  the time of all files, in seconds since 1970. Given the same time (--timestamp or its like), base and
#                      sources, all files but opt/kiroku/agent.aot are the same, bit for bit
#   VERSION, REVISION  what the labels say

ARG BUILD_BASE=maven:3.9-eclipse-temurin-25
ARG RUN_BASE=scratch
ARG DISTRIBUTION=built

# One stage for both: not every builder finds a stage whose name is made of an argument's default.
FROM ${BUILD_BASE} AS root
ARG DISTRIBUTION
COPY . /src
RUN case "${DISTRIBUTION}" in \
    given) test -d /src/cli/target/kiroku/lib ;; \
    built) cd /src && mvn -B -q -Dmaven.test.skip=true -Dkiroku.train.skip=true -Dkiroku.format.skip=true -pl cli -am package ;; \
    *) echo "DISTRIBUTION: expected built or given, found ${DISTRIBUTION}" >&2; exit 1 ;; \
    esac
ARG SOURCE_DATE_EPOCH=0
RUN /src/image/make-root /src /image "${SOURCE_DATE_EPOCH}"

FROM ${RUN_BASE}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Kiroku" \
      org.opencontainers.image.description="The flight recorder of a Kubernetes node" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=root /image /
ENV PATH=/opt/kiroku:/usr/bin KIROKU_JAVA_HOME=/opt/java LANG=C.UTF-8
# The collector needs no more. Agents are run as root: log files are root's.
USER 65532:65532
WORKDIR /
EXPOSE 4470 4480
# Of an agent the port of its metrics, of a collector that of its agents. Kubernetes has probes of its own.
HEALTHCHECK --start-period=60s CMD ["/usr/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4490 || exec 3<>/dev/tcp/127.0.0.1/4470"]
ENTRYPOINT ["/opt/kiroku/kiroku"]
CMD ["--help"]
