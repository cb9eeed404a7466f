// SPDX-License-Identifier: Apache-2.0
package org.jkd.checks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A layer never prints, and a layer never calls upward. */
class LayersTest {
  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.jkd");
  }

  @Test
  void all_modules_are_looked_at() {
    for (String type :
        new String[] {
          "org.jkd.image.Bytes",
          "org.jkd.engine.command.Session",
          "org.jkd.app.Main",
          "org.jkd.sample.ReferenceCase"
        }) {
      assertThat(classes.contain(type)).as(type).isTrue();
    }
  }

  @Test
  void a_layer_never_calls_upward() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("image")
        .definedBy("org.jkd.image..")
        .layer("cpu")
        .definedBy("org.jkd.cpu..")
        .layer("pe")
        .definedBy("org.jkd.pe..")
        .layer("pdb")
        .definedBy("org.jkd.pdb..")
        .layer("cabinet")
        .definedBy("org.jkd.cabinet..")
        .layer("zstd")
        .definedBy("org.jkd.zstd..")
        .layer("dump")
        .definedBy("org.jkd.dump..")
        .layer("symbols")
        .definedBy("org.jkd.symbols..")
        .layer("code")
        .definedBy("org.jkd.code..")
        .layer("target")
        .definedBy("org.jkd.target..")
        .layer("objects")
        .definedBy("org.jkd.objects..")
        .layer("stack")
        .definedBy("org.jkd.stack..")
        .layer("engine")
        .definedBy("org.jkd.engine..")
        .layer("triage")
        .definedBy("org.jkd.triage..")
        .layer("app")
        .definedBy("org.jkd.app..")
        .whereLayer("triage")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("image")
        .mayNotAccessAnyLayer()
        .whereLayer("cpu")
        .mayOnlyAccessLayers("image")
        .whereLayer("pe")
        .mayOnlyAccessLayers("image")
        .whereLayer("zstd")
        .mayOnlyAccessLayers("image")
        .whereLayer("pdb")
        .mayOnlyAccessLayers("image", "zstd")
        .whereLayer("cabinet")
        .mayOnlyAccessLayers("image")
        .whereLayer("dump")
        .mayOnlyAccessLayers("image", "cpu")
        .whereLayer("symbols")
        .mayOnlyAccessLayers("image", "cabinet", "pe", "pdb")
        .whereLayer("code")
        .mayOnlyAccessLayers("image", "cpu", "pe", "symbols")
        .whereLayer("target")
        .mayOnlyAccessLayers("image", "cpu", "pe", "dump")
        .whereLayer("objects")
        .mayOnlyAccessLayers("image", "symbols")
        .whereLayer("stack")
        .mayOnlyAccessLayers("image", "cpu", "pe", "symbols", "code", "target")
        .whereLayer("engine")
        .mayOnlyAccessLayers(
            "image", "cpu", "pe", "pdb", "dump", "symbols", "code", "target", "objects", "stack")
        .check(classes);
  }

  @Test
  void only_the_program_writes_to_the_standard_streams() {
    noClasses()
        .that()
        .resideInAPackage("org.jkd..")
        .and()
        .resideOutsideOfPackage("org.jkd.app..")
        .should(ACCESS_STANDARD_STREAMS)
        .check(classes);
  }

  @Test
  void nothing_prints_a_stack_trace_or_ends_the_machine_but_the_program() {
    noClasses().should().callMethod(Throwable.class, "printStackTrace").check(classes);
    noClasses()
        .that()
        .resideOutsideOfPackage("org.jkd.app..")
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(classes);
  }

  @Test
  void writers_of_the_sample_share_nothing_with_the_readers() {
    noClasses()
        .that()
        .resideInAPackage("org.jkd.sample..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.jkd.image..",
            "org.jkd.cabinet..",
            "org.jkd.zstd..",
            "org.jkd.cpu..",
            "org.jkd.pe..",
            "org.jkd.pdb..",
            "org.jkd.dump..",
            "org.jkd.symbols..",
            "org.jkd.code..",
            "org.jkd.target..",
            "org.jkd.objects..",
            "org.jkd.stack..",
            "org.jkd.engine..")
        .check(classes);
  }

  @Test
  void expressions_know_nothing_of_commands_and_renderers_nothing_of_either() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("render")
        .definedBy("org.jkd.engine.render..")
        .layer("expr")
        .definedBy("org.jkd.engine.expr..")
        .layer("command")
        .definedBy("org.jkd.engine.command..")
        .whereLayer("render")
        .mayNotAccessAnyLayer()
        .whereLayer("expr")
        .mayNotAccessAnyLayer()
        .check(classes);
  }
}
