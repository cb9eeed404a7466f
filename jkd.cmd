@echo off
rem SPDX-License-Identifier: Apache-2.0
rem Starts jkd on Windows: finds a JDK 25 or later, and builds with Maven on first use.
setlocal EnableDelayedExpansion
set "HERE=%~dp0"
set "JDK="
if defined JAVA_HOME call :try "%JAVA_HOME%"
if not defined JDK for /f "delims=" %%j in ('where java 2^>nul') do call :try "%%~dpj.."
for %%r in ("%ProgramFiles%\Java" "%ProgramFiles%\Eclipse Adoptium" "%ProgramFiles%\Microsoft" "%ProgramFiles%\Zulu" "%ProgramFiles%\Amazon Corretto" "%ProgramFiles%\BellSoft" "%USERPROFILE%\.jdks" "%USERPROFILE%\scoop\apps") do (
  if not defined JDK if exist %%r for /d %%d in ("%%~r\*") do call :try "%%~d"
)
if not defined JDK (
  echo jkd: a JDK 25 or later is needed, and none was found ^(JAVA_HOME, PATH, usual folders^) 1>&2
  exit /b 4
)
if not exist "%HERE%app\target\lib" (
  where mvn >nul 2>nul
  if errorlevel 1 (
    echo jkd: Maven ^(mvn^) is needed to build jkd on first use, and it is not on the PATH 1>&2
    exit /b 4
  )
  echo jkd: building, once; this takes a minute ... 1>&2
  pushd "%HERE%"
  set "JAVA_HOME=%JDK%"
  call mvn --batch-mode --quiet --no-transfer-progress -DskipTests -Dfast -pl app -am package 1>&2
  if errorlevel 1 (
    popd
    exit /b 1
  )
  popd
)
set "JAR="
for %%a in ("%HERE%app\target\jkd-app-*.jar") do set "JAR=%%~a"
rem A run over many dumps makes garbage as fast as it may; without a bound the heap would become
rem a quarter of the machine.
set "HEAP="
set "MEGABYTES="
if "%~1"=="triage" if not defined JKD_OPTS (
  set /a MEGABYTES=768 + 128 * NUMBER_OF_PROCESSORS
)
if defined MEGABYTES set "HEAP=-Xmx%MEGABYTES%m -Xmn256m"
"%JDK%\bin\java" %HEAP% -XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable %JKD_OPTS% -jar "%JAR%" %*
exit /b %errorlevel%

:try
if defined JDK exit /b
if not exist "%~1\bin\java.exe" exit /b
if not exist "%~1\release" exit /b
for /f "tokens=2 delims==" %%v in ('findstr /b "JAVA_VERSION=" "%~1\release"') do (
  for /f "tokens=1 delims=." %%m in (%%v) do if %%m GEQ 25 set "JDK=%~1"
)
exit /b
