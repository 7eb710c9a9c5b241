package io.kiroku.systemtests.shape;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The directions of imports that docs/ARCHITECTURE.md states. */
final class ImportDirectionTest {
    private static final String EVIDENCE = "io.kiroku.evidence..";
    private static final String AGENT = "io.kiroku.agent..";
    private static final String COLLECTOR = "io.kiroku.collector..";
    private static final String CLI = "io.kiroku.cli..";

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("systemtests") && !location.contains("-tests.jar"))
            .importPackages("io.kiroku");

    @Test
    void allModulesAreLookedAt() {
        assertThat(List.of("evidence", "tls", "agent", "collector", "cli"))
                .allSatisfy(module -> assertThat(PRODUCT)
                        .as("classes of %s", module)
                        .anyMatch(type -> type.getPackageName().startsWith("io.kiroku." + module)));
    }

    @Test
    void agentAndCollectorDoNotKnowEachOther() {
        noClasses()
                .that()
                .resideInAPackage(AGENT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(COLLECTOR, CLI)
                .check(PRODUCT);
        noClasses()
                .that()
                .resideInAPackage(COLLECTOR)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(AGENT, CLI)
                .check(PRODUCT);
    }

    @Test
    void evidenceKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage(EVIDENCE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(AGENT, COLLECTOR, CLI)
                .check(PRODUCT);
    }

    @Test
    void tlsKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("io.kiroku.tls..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(EVIDENCE, AGENT, COLLECTOR, CLI)
                .check(PRODUCT);
    }

    @Test
    void evidenceHasNoSocketsThreadsOrClocks() {
        noClasses()
                .that()
                .resideInAPackage(EVIDENCE)
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("java.net..", "java.util.concurrent..", "io.netty..", "org.slf4j..")
                                .or(type(Thread.class))
                                .or(type(Clock.class)))
                .check(PRODUCT);
        for (Class<?> time : List.of(Instant.class, LocalDate.class, LocalDateTime.class, ZonedDateTime.class)) {
            noClasses()
                    .that()
                    .resideInAPackage(EVIDENCE)
                    .should()
                    .callMethod(time, "now")
                    .check(PRODUCT);
        }
        noClasses()
                .that()
                .resideInAPackage(EVIDENCE)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callConstructor(Date.class)
                .check(PRODUCT);
    }

    @Test
    void nettyIsAtTheEdgesOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.kiroku.agent.ship..",
                        "io.kiroku.collector.access..",
                        "io.kiroku.collector.ingest..",
                        "io.kiroku.collector.serve..",
                        "io.kiroku.tls..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(PRODUCT);
    }

    @Test
    void nativeCodeIsInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.kiroku.agent.os..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(PRODUCT);
        noClasses()
                .should()
                .dependOnClassesThat(nameMatching("sun\\.misc\\..*|jdk\\.internal\\..*"))
                .check(PRODUCT);
    }

    @Test
    void kubernetesIsInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.kiroku.collector.cluster..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.fabric8.."))
                .check(PRODUCT);
    }

    @Test
    void packagesAreNamedAfterWhatTheyHold() {
        noClasses()
                .should()
                .resideInAnyPackage(
                        "..util..",
                        "..utils..",
                        "..common..",
                        "..core..",
                        "..impl..",
                        "..helper..",
                        "..helpers..",
                        "..misc..",
                        "..base..")
                .check(PRODUCT);
    }

    @Test
    void packagesOfAModuleHaveNoCycles() {
        for (String module : List.of("evidence", "agent", "collector", "cli")) {
            slices().matching("io.kiroku." + module + ".(**)")
                    .should()
                    .beFreeOfCycles()
                    .check(PRODUCT);
        }
    }
}
