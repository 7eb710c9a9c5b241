package io.kiroku.collector;

import io.kiroku.collector.access.ConfigurationListener;
import io.kiroku.collector.access.CustodyRecord;
import io.kiroku.collector.access.CustodySink;
import io.kiroku.collector.access.Gate;
import io.kiroku.collector.access.OidcIssuer;
import io.kiroku.collector.access.TokenFile;
import io.kiroku.collector.access.Voucher;
import io.kiroku.collector.agents.AgentRegister;
import io.kiroku.collector.cluster.ClusterCallers;
import io.kiroku.collector.cluster.ClusterNodes;
import io.kiroku.collector.cluster.watch.PodWatch;
import io.kiroku.collector.config.AccessConfig;
import io.kiroku.collector.config.ClusterConfig;
import io.kiroku.collector.config.CollectorConfig;
import io.kiroku.collector.config.EnrolConfig;
import io.kiroku.collector.config.LogConfig;
import io.kiroku.collector.enrol.AuthorityFiles;
import io.kiroku.collector.enrol.CollectorCertificate;
import io.kiroku.collector.enrol.EnrolmentCodes;
import io.kiroku.collector.enrol.Enrolments;
import io.kiroku.collector.ingest.IngestLimits;
import io.kiroku.collector.ingest.IngestServer;
import io.kiroku.collector.ingest.Intake;
import io.kiroku.collector.log.LogFiles;
import io.kiroku.collector.log.LogKeys;
import io.kiroku.collector.log.LogService;
import io.kiroku.collector.log.LogSigners;
import io.kiroku.collector.log.Records;
import io.kiroku.collector.log.TransparencyLog;
import io.kiroku.collector.log.Witnessing;
import io.kiroku.collector.own.OwnStream;
import io.kiroku.collector.pods.ClusterSource;
import io.kiroku.collector.pods.PodTable;
import io.kiroku.collector.pods.PodView;
import io.kiroku.collector.pods.PodsApi;
import io.kiroku.collector.pods.PreservationRules;
import io.kiroku.collector.query.Answers;
import io.kiroku.collector.query.HttpApi;
import io.kiroku.collector.serve.ClusterMetrics;
import io.kiroku.collector.serve.CollectorMetrics;
import io.kiroku.collector.serve.HttpEdge;
import io.kiroku.collector.serve.LogMetrics;
import io.kiroku.collector.stamp.Stamping;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.DirectoryLock;
import io.kiroku.collector.store.DiskDirectory;
import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreCounts;
import io.kiroku.collector.store.StoreFiles;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.collector.trust.RevokedNow;
import io.kiroku.evidence.durable.Durable;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.record.FilePath;
import io.kiroku.tls.CertificateAuthority;
import io.kiroku.tls.TlsContext;
import io.kiroku.tls.TlsDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A collector at work: the one place where its parts are put together. */
public final class Collector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    private static final Logger CUSTODY = LoggerFactory.getLogger("io.kiroku.custody");

    /** Between two rounds in which witnesses are asked: what was witnessed is that much younger than what is stored. */
    private static final Duration WITNESS_EVERY = Duration.ofSeconds(5);

    /** What is to be closed, the last opened first. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private final Store store;
    private final IngestServer ingest;
    private final HttpEdge http;

    private Collector(CollectorConfig config) throws IOException {
        boolean started = false;
        try {
            Path data = config.data();
            InstantSource clock = InstantSource.system();
            Durable.createDirectories(data);
            keep(DirectoryLock.take(data));
            CollectorIdentity identity = CollectorIdentity.in(data, new SecureRandom());
            StoreFiles files = StoreFiles.of(data);
            store = keep(Store.open(files, clock, System::nanoTime));
            StoreReader reader = keep(StoreReader.open(data));
            Path logDirectory = data.resolve("log");
            LogFiles logFiles = new LogFiles(new DiskDirectory(logDirectory));
            LogSigners signers = LogKeys.in(data, config.log().name(), new SecureRandom());
            TransparencyLog log =
                    TransparencyLog.open(logFiles, signers, Records.of(reader), store.lastRecord(), clock);
            CustodySink custody = record -> CUSTODY.info("{}", record.json());
            AgentRegister register = AgentRegister.open(data, clock);
            Intake intake = keep(Intake.open(store, log, new RevokedNow(data, System::nanoTime)));
            ingest = keep(IngestServer.start(
                    config.listen(),
                    tls(config, register, custody, clock),
                    register,
                    intake,
                    reader,
                    identity,
                    IngestLimits.DEFAULT,
                    clock,
                    System::nanoTime));
            LogMetrics others = new LogMetrics(
                    log,
                    witnesses(config.log(), log, logFiles, signers, logDirectory, clock),
                    stamps(config.log(), log, logDirectory));
            PodTable pods = new PodTable();
            Optional<ClusterMetrics> cluster = cluster(config, intake, reader, pods, custody, clock);
            CollectorMetrics metrics = new CollectorMetrics(store, ingest, others, cluster);
            Answers answers = new Answers(Answers.MOST);
            http = keep(HttpEdge.start(
                    config.http(),
                    gate(config.access(), custody, clock),
                    config.access().tls(),
                    metrics::text,
                    this::trouble,
                    new HttpApi(data, clock, () -> PodView.named(pods.pods()), answers),
                    new PodsApi(data, pods, clock, answers),
                    new LogService(log, logFiles, signers)));
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private Optional<IngestServer.Tls> tls(
            CollectorConfig config, AgentRegister register, CustodySink custody, InstantSource clock)
            throws IOException {
        if (config.enrol().isPresent()) {
            return Optional.of(enrolling(config, config.enrol().get(), register, custody, clock));
        }
        if (config.tls().isEmpty()) {
            return Optional.empty();
        }
        TlsContext context =
                keep(TlsContext.server(TlsDirectory.open(config.tls().get(), clock), clock));
        return Optional.of(new IngestServer.Tls(context, Optional.empty()));
    }

    private IngestServer.Tls enrolling(
            CollectorConfig config, EnrolConfig enrol, AgentRegister register, CustodySink custody, InstantSource clock)
            throws IOException {
        SecureRandom random = new SecureRandom();
        CertificateAuthority authority = AuthorityFiles.in(config.data(), random, clock);
        Path directory;
        if (config.tls().isPresent()) {
            directory = config.tls().get();
        } else {
            CollectorCertificate own =
                    keep(CollectorCertificate.in(config.data(), authority, enrol.hosts(), enrol.life(), random, clock));
            directory = own.directory();
        }
        TlsContext context =
                keep(TlsContext.openServer(TlsDirectory.open(directory, clock), authority.certificate(), clock));
        Optional<ClusterNodes> cluster = enrol.accounts().isEmpty()
                ? Optional.empty()
                : Optional.of(keep(ClusterNodes.ofEnvironment(enrol.accounts())));
        EnrolmentCodes codes = new EnrolmentCodes(config.data(), clock);
        return new IngestServer.Tls(
                context,
                Optional.of(new Enrolments(authority, enrol.life(), codes, register, cluster, custody, clock)));
    }

    private Optional<Witnessing> witnesses(
            LogConfig config,
            TransparencyLog log,
            LogFiles files,
            LogSigners signers,
            Path directory,
            InstantSource clock)
            throws IOException {
        if (config.witnesses().isEmpty()) {
            return Optional.empty();
        }
        Policy policy = LogKeys.policy(config.witnesses().get(), signers);
        return Optional.of(keep(Witnessing.start(log, files, policy, directory, WITNESS_EVERY, clock)));
    }

    private Optional<Stamping> stamps(LogConfig config, TransparencyLog log, Path directory) throws IOException {
        if (config.stamps().authorities().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(keep(Stamping.start(
                config.stamps(),
                directory.resolve("timestamps"),
                () -> Optional.of(log.published().note().toArray()),
                System::nanoTime)));
    }

    /** Has the table filled: with what is on record, and with what the cluster says from now on, if one is watched. */
    private Optional<ClusterMetrics> cluster(
            CollectorConfig config,
            Intake intake,
            StoreReader reader,
            PodTable pods,
            CustodySink custody,
            InstantSource clock)
            throws IOException {
        if (config.cluster().isEmpty()) {
            ClusterSource.read(reader, pods);
            return Optional.empty();
        }
        ClusterConfig cluster = config.cluster().get();
        PreservationRules rules = cluster.preserve().isEmpty()
                ? PreservationRules.ofDefault()
                : PreservationRules.of(cluster.preserve().get(), System::nanoTime, listener(custody, clock));
        OwnStream lines = keep(OwnStream.open(
                config.data(),
                "cluster-" + cluster.name(),
                FilePath.of(ClusterSource.PREFIX + cluster.name()),
                intake,
                clock,
                System::nanoTime));
        PodWatch watch = keep(PodWatch.ofEnvironment(reader, lines, pods, rules, clock, System::nanoTime));
        return Optional.of(new ClusterMetrics(watch, clock));
    }

    private static ConfigurationListener listener(CustodySink custody, InstantSource clock) {
        return (file, content) ->
                custody.take(CustodyRecord.configuration(clock.instant(), file.toString(), TokenFile.hash(content)));
    }

    private Gate gate(AccessConfig access, CustodySink custody, InstantSource clock) throws IOException {
        if (!access.knowsCallers()) {
            return Gate.open(custody, clock);
        }
        ConfigurationListener listener = listener(custody, clock);
        List<Voucher> vouchers = new ArrayList<>();
        if (access.tokens().isPresent()) {
            vouchers.add(new TokenFile(access.tokens().get(), System::nanoTime, listener));
        }
        if (access.oidc().isPresent()) {
            AccessConfig.Oidc oidc = access.oidc().get();
            vouchers.add(new OidcIssuer(
                    oidc.issuer(),
                    oidc.audience(),
                    oidc.groupsClaim(),
                    oidc.roles(),
                    clock,
                    System::nanoTime,
                    listener));
        }
        if (access.kubernetes()) {
            vouchers.add(keep(ClusterCallers.ofEnvironment(System::nanoTime)));
        }
        return Gate.guarded(vouchers, access.publicLog(), custody, clock, System::nanoTime);
    }

    /**
     * Starts a collector. When this returns, agents can connect.
     *
     * @throws IOException if the data directory is another collector's, an address cannot be had, or the disk fails; the
     *     message is for people
     */
    public static Collector start(CollectorConfig config) throws IOException {
        Collector collector = new Collector(config);
        LOG.info(
                "The collector of {} listens on port {}, its HTTP edge on port {}.",
                config.data(),
                collector.port(),
                collector.httpPort());
        return collector;
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    private Optional<String> trouble() {
        return Optional.ofNullable(ingest.trouble());
    }

    /** The port that agents connect to. */
    public int port() {
        return ingest.port();
    }

    /** The port of the HTTP edge. */
    public int httpPort() {
        return http.port();
    }

    public CollectorStatus status() {
        StoreCounts held = store.counts();
        return new CollectorStatus(
                ingest.counts().connections(),
                ingest.streamsConnected(),
                held.streams(),
                held.segments(),
                held.storedBytes(),
                held.rawBytes(),
                ingest.unstoredBytes(),
                ingest.counts().receipts(),
                ingest.counts().refusals(),
                held.aside(),
                CollectorMetrics.freeBytes(store),
                trouble().orElse(""));
    }

    /** Stops taking segments, stores what was accepted, and gives the data directory free. */
    @Override
    public void close() {
        while (!opened.isEmpty()) {
            AutoCloseable part = opened.pop();
            try {
                part.close();
            } catch (Exception failure) {
                LOG.warn("A part of the collector could not be closed: {}.", failure.getMessage());
            }
        }
    }
}
